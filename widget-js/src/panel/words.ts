// Every sentence the visitor reads. A language is one object of this shape, so none can lack a key.

import type { StopReason } from '../client/connection.ts';
import { isolated } from '../ui/isolated.ts';
import type { SystemLine } from './timeline.ts';

export interface Words {
  dir: 'ltr' | 'rtl';
  lang: string;
  chat: string;
  online: string;
  offline: string;
  hello: string;
  helloText: string;
  awayTitle: string;
  awayText: string;
  queueAhead(waiting: number): string;
  name: string;
  email: string;
  optional: string;
  message: string;
  messageHint: string;
  start: string;
  leave: string;
  emailWrong: string;
  messageMissing: string;
  tooLong: string;
  counter(bytes: number, max: number): string;
  writeHere: string;
  writeAgain: string;
  send: string;
  close: string;
  menu: string;
  sending: string;
  sent: string;
  seen: string;
  failed: string;
  failedBecause: { [code: string]: string };
  resend: string;
  discard: string;
  newChatWith: string;
  withdrawn: string;
  edited: string;
  you: string;
  typing(name: string): string;
  next: string;
  place(place: number): string;
  wait(low_s: number, high_s: number): string;
  waitUnknown: string;
  waitText: string;
  findingAgent: string;
  nobody: string;
  nobodyText: string;
  leaveEmail: string;
  myEmail(email: string): string;
  emailLeft: string;
  talkingTo: string;
  ended: string;
  offlineKept: string;
  offlineKeptText(email: string): string;
  system(line: SystemLine): string;
  endChat: string;
  leaveLine: string;
  endTitle: string;
  endText: string;
  leaveTitle: string;
  leaveText: string;
  stay: string;
  rateTitle: string;
  scores: readonly [string, string, string, string, string];
  rateComment: string;
  rateSend: string;
  rateThanks: string;
  newChat: string;
  connecting: string;
  reconnecting: string;
  youAreOffline: string;
  tryNow: string;
  reload: string;
  stopped: { [why in StopReason]: string };
  noStorage: string;
  gone: string;
  jump: string;
}

const minutes = (seconds: number, round: (value: number) => number): number =>
  Math.max(1, round(seconds / 60));

const en: Words = {
  dir: 'ltr',
  lang: 'en',
  chat: 'Chat',
  online: 'Online now',
  offline: 'Away at the moment',
  hello: 'How can we help?',
  helloText: 'Write to us and a person will answer you here.',
  awayTitle: 'Leave us a message',
  awayText: 'Nobody is online right now. The answer will appear here, in this chat.',
  queueAhead: waiting => (waiting === 1 ? 'One person is waiting.' : `${waiting} people are waiting.`),
  name: 'Your name',
  email: 'Email',
  optional: 'optional',
  message: 'Message',
  messageHint: 'What is it about?',
  start: 'Start chat',
  leave: 'Send message',
  emailWrong: 'Please give an email address where we can reach you.',
  messageMissing: 'Please write a message first.',
  tooLong: 'This is too long to send. Please shorten it.',
  counter: (bytes, max) => `${bytes.toLocaleString('en')} of ${max.toLocaleString('en')} bytes`,
  writeHere: 'Write a message…',
  writeAgain: 'Write to reopen this chat…',
  send: 'Send',
  close: 'Close chat window',
  menu: 'Options',
  sending: 'Sending…',
  sent: 'Sent',
  seen: 'Seen',
  failed: 'Not sent',
  failedBecause: {
    closed: 'This chat can no longer be reopened.',
    not_found: 'This chat no longer exists.',
    too_big: 'It is too long.',
    bad_text: 'It holds characters that cannot be sent.',
    forbidden: 'You cannot write here any more.',
  },
  resend: 'Send again',
  discard: 'Discard',
  newChatWith: 'Send in a new chat',
  withdrawn: 'Message withdrawn',
  edited: 'edited',
  you: 'You',
  typing: name => `${name} is typing`,
  next: 'You are next',
  place: place => `You are number ${place} in line`,
  wait: (low_s, high_s) => {
    if (high_s < 60) return 'Expected wait: less than a minute';
    const [low, high] = [minutes(low_s, Math.floor), minutes(high_s, Math.ceil)];
    if (low === high) return `Expected wait: about ${low === 1 ? 'a minute' : `${low} minutes`}`;
    return low_s < 60 ? `Expected wait: up to ${high} minutes` : `Expected wait: ${low} to ${high} minutes`;
  },
  waitUnknown: 'We cannot say yet how long it takes.',
  waitText: 'You can write already. Whoever answers will read everything.',
  findingAgent: 'Finding someone for you…',
  nobody: 'Nobody is online right now',
  nobodyText: 'Your place in line is kept, and whoever comes will read what you write.',
  leaveEmail: 'Leave my email address',
  myEmail: email => `You can reach me at ${email}`,
  emailLeft: 'We have your email address.',
  talkingTo: 'In chat with you',
  ended: 'Chat ended',
  offlineKept: 'We have your message',
  offlineKeptText: email =>
    `The answer will appear here, in this chat.${email && ` We may also write to ${email}.`}`,
  system: line => {
    switch (line.kind) {
      case 'joined':
        return line.isTransfer ? `${line.name} takes over from here` : `${line.name} joined the chat`;
      case 'requeued':
        return line.cause === 'transferred'
          ? 'You are being handed to a colleague'
          : 'You are back in line, at your old place';
      case 'closed':
        if (line.by === 'visitor') return 'You ended the chat';
        return typeof line.by === 'object'
          ? `${isolated(line.by.agent.name)} ended the chat`
          : 'The chat has ended';
      case 'reopened':
        return 'The chat is open again';
    }
  },
  endChat: 'End chat',
  leaveLine: 'Leave the line',
  endTitle: 'End this chat?',
  endText: 'You can write again later to reopen it.',
  leaveTitle: 'Leave the line?',
  leaveText: 'You would lose your place.',
  stay: 'Stay',
  rateTitle: 'How did we do?',
  scores: ['Bad', 'Poor', 'Fair', 'Good', 'Great'],
  rateComment: 'Anything to add?',
  rateSend: 'Send rating',
  rateThanks: 'Thank you for your rating',
  newChat: 'Start a new chat',
  connecting: 'Connecting…',
  reconnecting: 'Connection lost. Trying again…',
  youAreOffline: 'You are offline. Messages are kept and sent later.',
  tryNow: 'Try now',
  reload: 'Reload',
  stopped: {
    ended: 'The connection was ended.',
    fault: 'Something went wrong between this page and the server.',
    sign_in: 'This chat could not be resumed.',
    forbidden: 'Chat is not available to you here.',
    unknown_site: 'Chat is not set up on this page.',
    superseded: 'This chat was continued in another window.',
    erased: 'This chat was erased.',
    too_old: 'This page is out of date.',
  },
  noStorage: 'Your browser blocks storage here. What is not sent yet is lost when you leave the page.',
  gone: 'Your earlier chat is no longer available.',
  jump: 'New messages',
};

const de: Words = {
  ...en,
  lang: 'de',
  online: 'Jetzt online',
  offline: 'Gerade nicht da',
  hello: 'Wie können wir helfen?',
  helloText: 'Schreiben Sie uns, hier antwortet Ihnen ein Mensch.',
  awayTitle: 'Hinterlassen Sie eine Nachricht',
  awayText: 'Gerade ist niemand da. Die Antwort erscheint hier, in diesem Chat.',
  queueAhead: waiting => (waiting === 1 ? 'Eine Person wartet.' : `${waiting} Personen warten.`),
  name: 'Ihr Name',
  email: 'E-Mail',
  optional: 'freiwillig',
  message: 'Nachricht',
  messageHint: 'Worum geht es?',
  start: 'Chat beginnen',
  leave: 'Nachricht senden',
  emailWrong: 'Bitte geben Sie eine E-Mail-Adresse an, unter der wir Sie erreichen.',
  messageMissing: 'Bitte schreiben Sie zuerst eine Nachricht.',
  tooLong: 'Das ist zu lang. Bitte kürzen Sie es.',
  counter: (bytes, max) => `${bytes.toLocaleString('de')} von ${max.toLocaleString('de')} Bytes`,
  writeHere: 'Nachricht schreiben…',
  writeAgain: 'Schreiben öffnet den Chat wieder…',
  send: 'Senden',
  close: 'Chatfenster schließen',
  menu: 'Optionen',
  sending: 'Wird gesendet…',
  sent: 'Gesendet',
  seen: 'Gelesen',
  failed: 'Nicht gesendet',
  failedBecause: {
    closed: 'Dieser Chat lässt sich nicht mehr öffnen.',
    not_found: 'Diesen Chat gibt es nicht mehr.',
    too_big: 'Sie ist zu lang.',
    bad_text: 'Sie enthält Zeichen, die nicht gesendet werden können.',
    forbidden: 'Sie können hier nicht mehr schreiben.',
  },
  resend: 'Noch einmal senden',
  discard: 'Verwerfen',
  newChatWith: 'In neuem Chat senden',
  withdrawn: 'Nachricht zurückgezogen',
  edited: 'bearbeitet',
  you: 'Sie',
  typing: name => `${name} schreibt`,
  next: 'Sie sind als Nächstes dran',
  place: place => `Sie sind Nummer ${place} in der Reihe`,
  wait: (low_s, high_s) => {
    if (high_s < 60) return 'Voraussichtlich weniger als eine Minute';
    const [low, high] = [minutes(low_s, Math.floor), minutes(high_s, Math.ceil)];
    if (low === high)
      return low === 1 ? 'Voraussichtlich etwa eine Minute' : `Voraussichtlich etwa ${low} Minuten`;
    return low_s < 60
      ? `Voraussichtlich bis zu ${high} Minuten`
      : `Voraussichtlich ${low} bis ${high} Minuten`;
  },
  waitUnknown: 'Wie lange es dauert, lässt sich noch nicht sagen.',
  waitText: 'Sie können schon schreiben. Wer antwortet, liest alles.',
  findingAgent: 'Wir suchen jemanden für Sie…',
  nobody: 'Gerade ist niemand da',
  nobodyText: 'Ihr Platz in der Reihe bleibt, und wer kommt, liest, was Sie schreiben.',
  leaveEmail: 'E-Mail-Adresse hinterlassen',
  myEmail: email => `Sie erreichen mich unter ${email}`,
  emailLeft: 'Wir haben Ihre E-Mail-Adresse.',
  talkingTo: 'Im Chat mit Ihnen',
  ended: 'Chat beendet',
  offlineKept: 'Ihre Nachricht ist da',
  offlineKeptText: email =>
    `Die Antwort erscheint hier, in diesem Chat.${email && ` Vielleicht schreiben wir auch an ${email}.`}`,
  system: line => {
    switch (line.kind) {
      case 'joined':
        return line.isTransfer ? `${line.name} übernimmt ab hier` : `${line.name} ist jetzt im Chat`;
      case 'requeued':
        return line.cause === 'transferred'
          ? 'Sie werden weitergegeben'
          : 'Sie sind wieder in der Reihe, an Ihrem alten Platz';
      case 'closed':
        if (line.by === 'visitor') return 'Sie haben den Chat beendet';
        return typeof line.by === 'object'
          ? `${isolated(line.by.agent.name)} hat den Chat beendet`
          : 'Der Chat ist beendet';
      case 'reopened':
        return 'Der Chat ist wieder offen';
    }
  },
  endChat: 'Chat beenden',
  leaveLine: 'Reihe verlassen',
  endTitle: 'Chat beenden?',
  endText: 'Sie können später wieder schreiben.',
  leaveTitle: 'Reihe verlassen?',
  leaveText: 'Sie würden Ihren Platz verlieren.',
  stay: 'Bleiben',
  rateTitle: 'Wie waren wir?',
  scores: ['Schlecht', 'Mäßig', 'Geht so', 'Gut', 'Sehr gut'],
  rateComment: 'Möchten Sie etwas ergänzen?',
  rateSend: 'Bewertung senden',
  rateThanks: 'Danke für Ihre Bewertung',
  newChat: 'Neuen Chat beginnen',
  connecting: 'Verbindung wird aufgebaut…',
  reconnecting: 'Verbindung verloren. Neuer Versuch…',
  youAreOffline: 'Sie sind offline. Nachrichten werden später gesendet.',
  tryNow: 'Jetzt versuchen',
  reload: 'Neu laden',
  stopped: {
    ended: 'Die Verbindung wurde beendet.',
    fault: 'Zwischen dieser Seite und dem Server ging etwas schief.',
    sign_in: 'Dieser Chat konnte nicht fortgesetzt werden.',
    forbidden: 'Der Chat ist für Sie hier nicht verfügbar.',
    unknown_site: 'Auf dieser Seite ist kein Chat eingerichtet.',
    superseded: 'Dieser Chat wird in einem anderen Fenster fortgesetzt.',
    erased: 'Dieser Chat wurde gelöscht.',
    too_old: 'Diese Seite ist veraltet.',
  },
  noStorage: 'Ihr Browser sperrt hier den Speicher. Ungesendetes geht beim Verlassen der Seite verloren.',
  gone: 'Ihr früherer Chat ist nicht mehr verfügbar.',
  jump: 'Neue Nachrichten',
};

/** The words for a language tag; English where there are none. */
export function wordsFor(tag: string): Words {
  return tag.toLowerCase().startsWith('de') ? de : en;
}

// The panel's rim: the port to the loader, the client, storage, and the screen.

import { render } from 'preact';
import { type ClientState, type News, newClient } from '../client/client.ts';
import { type Client, startClient, timeId } from '../client/shell.ts';
import { type EventName, messageOf, type ToLoader } from '../loader/port.ts';
import { VISITOR_BODY_BYTES_MAX } from '../protocol/limits.ts';
import { App } from './components/App.tsx';
import type { View } from './components/view.ts';
import { newPanel, type PanelInput, type PanelState, sightOf, stepPanel } from './panel.ts';
import { awaitPort, type Boot, pageOf } from './port.ts';
import { eventsBetween, type Report, reportOf } from './report.ts';
import { wordsFor } from './words.ts';

const site = decodeURIComponent(location.pathname.split('/').filter(Boolean).at(-1) ?? '');

if (window.parent === window) startAlone();
else awaitPort(site, start);

/** A page of its own, `/talk/<site>`: it keeps the token itself. */
function startAlone(): void {
  start({
    token: null,
    conversation: null,
    locale: null,
    page: {},
    isOpen: true,
    namespace: `halloo:talk:${site}`,
    port: null,
  });
}

function start(boot: Boot): void {
  const { port } = boot;
  const words = wordsFor(boot.locale ?? navigator.language);
  const language = boot.locale ?? navigator.language;
  let { token } = boot;
  let panel: PanelState = newPanel({ isShown: boot.isOpen });
  let report: Report | null = null;
  let remembered = '';
  let isDrawn = false;

  document.documentElement.lang = words.lang;
  document.documentElement.dir = words.dir;

  const client: Client = startClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/socket/${encodeURIComponent(site)}`,
    site,
    namespace: boot.namespace,
    keepTranscripts: true,
    credential: renew => {
      if (renew) token = null;
      return token === null ? {} : { token };
    },
    onToken: keepToken,
    onNews: hear,
    onState: draw,
    onStorage: (key, value) => {
      const isFree = panel.conversation === null || sightOf(panel, client.state).standing.kind === 'closed';
      if (key === 'conversation' && value !== null && value !== panel.conversation && isFree) find(value);
    },
  });

  if (port === null) token = client.read('token');
  restore();
  if (port !== null) port.onmessage = ({ data }: MessageEvent<unknown>) => told(data);
  document.addEventListener('visibilitychange', draw);
  draw();

  /** Takes up the conversation, the draft and the name that earlier loads kept. */
  function restore(): void {
    const page = { language, ...boot.page };
    client.dispatch({ kind: 'page', page });
    panel = { ...panel, draft: client.read('draft') ?? '', ...personOf(client.read('person')) };
    const conversation = client.read('conversation') ?? boot.conversation;
    if (conversation !== null) find(conversation);
  }

  function find(conversation: string): void {
    const kept = client.keptTranscript(conversation);
    const input = { kind: 'follow', conversation, ...(kept !== null && { kept }) } as const;
    act({ kind: 'found', conversation, input });
  }

  function act(input: PanelInput): void {
    const [next, effects] = stepPanel(panel, input);
    panel = next;
    for (const effect of effects) {
      if (effect.kind === 'write') client.write(effect.key, effect.value);
      else client.dispatch(effect.input);
    }
    draw();
  }

  function hear(news: News): void {
    act({ kind: 'news', news });
    if (news.kind === 'wiped') {
      token = null;
      tell({ kind: 'token', token: null });
    }
    if (news.kind === 'settled' && ('say' in news.item.action || 'open' in news.item.action)) {
      tell({ kind: 'event', name: 'message:sent', detail: { number: news.outcome.made?.number ?? null } });
    }
    if (news.kind === 'failed')
      tell({ kind: 'event', name: 'message:failed', detail: { code: news.item.failed } });
    if (news.kind === 'added' && news.conversation === panel.conversation) {
      const mark = client.state.transcripts.get(news.conversation)?.read.visitor ?? 0;
      for (const { number, what } of news.records) {
        if (number <= mark || !('said' in what) || what.said.by === 'visitor') continue;
        tell({ kind: 'event', name: 'message:received', detail: { number } });
      }
    }
  }

  /** What the loader says after the boot. */
  function told(data: unknown): void {
    const message = messageOf(data);
    if (message?.kind === 'visibility') act({ kind: 'shown', isShown: message.open === true });
    if (message?.kind === 'page')
      client.dispatch({ kind: 'page', page: { language, ...pageOf(message.page) } });
    if (message?.kind === 'forget') {
      client.stop();
      client.forget();
      tell({ kind: 'forgotten' });
    }
  }

  function tell(message: ToLoader): void {
    port?.postMessage(message);
  }

  function keepToken(fresh: string): void {
    token = fresh;
    if (port === null) client.write('token', fresh);
    else tell({ kind: 'token', token: fresh });
  }

  /** Draws once a frame at most, and tells the host page what has changed. */
  function draw(): void {
    if (isDrawn) return;
    isDrawn = true;
    queueMicrotask(() => {
      isDrawn = false;
      adoptPending(client.state);
      const view = viewNow();
      publish(view);
      const root = document.getElementById('panel');
      if (root !== null) render(<App view={view} />, root);
    });
  }

  /** An `open` that an earlier load could not send is this panel's conversation. */
  function adoptPending({ outbox }: ClientState): void {
    if (panel.conversation !== null || panel.isGone) return;
    const item = outbox.queues.flatMap(queue => queue.items).find(({ action }) => 'open' in action);
    if (item?.conversation !== undefined) find(item.conversation);
  }

  function publish({ panel, client: state, sight }: View): void {
    const next = reportOf(panel, state, sight);
    const events = eventsBetween(report ?? reportOf(newPanel(), newClient(site, ''), NOTHING), next);
    if (events.length > 0 || report === null) tell({ kind: 'state', state: next.state });
    for (const { name, detail } of events) tell({ kind: 'event', name: name as EventName, detail });
    remember(next, sight.transcript?.complete ?? true);
    report = next;
  }

  /** What the host page's storage keeps of the conversation, once the gateway has it. */
  function remember({ conversation, isOpen, isClosed }: Report, isKnown: boolean): void {
    const isThere = isOpen || isClosed;
    const key = `${conversation} ${isOpen}`;
    if (!isKnown || key === remembered || (conversation !== null && !isThere)) return;
    remembered = key;
    tell({ kind: 'conversation', conversation, open: isOpen });
  }

  function viewNow(): View {
    const isShown = panel.isShown && document.visibilityState === 'visible';
    return {
      panel: { ...panel, isShown },
      client: client.state,
      sight: sightOf(panel, client.state),
      words,
      isDurable: client.isDurable,
      isEmbedded: port !== null,
      bytes_max: client.state.ready?.limits.body_bytes_max ?? VISITOR_BODY_BYTES_MAX,
      act,
      start: (message, isOffline) =>
        act({ kind: 'start', conversation: timeId(Date.now()), message, language, isOffline }),
      typing: () => {
        const { conversation } = panel;
        if (conversation !== null) client.dispatch({ kind: 'typing', conversation, stream: 'public' });
      },
      read: number => {
        const { conversation } = panel;
        if (conversation !== null) client.dispatch({ kind: 'read', conversation, number });
      },
      retry: () => client.dispatch({ kind: 'retry' }),
      reload: () => location.reload(),
      close: () => tell({ kind: 'close' }),
    };
  }
}

const NOTHING = { transcript: null, items: [], standing: { kind: 'none' }, unread: 0 } as const;

function personOf(text: string | null): { name: string; email: string } {
  try {
    const { name, email } = JSON.parse(text ?? '{}') as { name?: unknown; email?: unknown };
    return { name: typeof name === 'string' ? name : '', email: typeof email === 'string' ? email : '' };
  } catch {
    return { name: '', email: '' };
  }
}

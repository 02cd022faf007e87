// The panel's rim: the port to the loader, the client, storage, and the screen.

import { render } from 'preact';
import { type ClientState, type News, newClient } from '../client/client.ts';
import { type Client, startClient, timeId } from '../client/shell.ts';
import { messageOf, type ToLoader } from '../loader/port.ts';
import { VISITOR_BODY_BYTES_MAX } from '../protocol/limits.ts';
import { App } from './components/App.tsx';
import type { View } from './components/view.ts';
import { newPanel, type PanelInput, type PanelState, sightOf, stepPanel } from './panel.ts';
import { awaitPort, type Boot, pageOf } from './port.ts';
import { reportOf } from './report.ts';
import { Telling } from './telling.ts';
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
  const nobody = newClient(site, '');
  const telling = new Telling(tell, reportOf(newPanel(), nobody, sightOf(newPanel(), nobody)));
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
    if (news.kind === 'wiped') token = null;
    telling.hear(news, panel, client.state);
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
      telling.publish(reportOf(view.panel, view.client, view.sight), view.sight);
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

function personOf(text: string | null): { name: string; email: string } {
  try {
    const { name, email } = JSON.parse(text ?? '{}') as { name?: unknown; email?: unknown };
    return { name: typeof name === 'string' ? name : '', email: typeof email === 'string' ? email : '' };
  } catch {
    return { name: '', email: '' };
  }
}

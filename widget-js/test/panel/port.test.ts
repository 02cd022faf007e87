// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { HANDSHAKE } from '../../src/loader/port.ts';
import { awaitPort, type Boot } from '../../src/panel/port.ts';

const HOST = 'https://shop.example';
const BOOT = {
  kind: 'boot',
  token: 't',
  conversation: 'c',
  locale: 'de',
  page: { url: 'https://shop.example/tea', title: 'Tea' },
  open: true,
};
const settle = () => new Promise(resolve => setTimeout(resolve, 20));
let boots: Boot[] = [];

beforeEach(() => {
  boots = [];
  awaitPort('demo', boot => boots.push(boot));
});

function hand(
  part: { data?: unknown; source?: unknown; origin?: string; ports?: MessagePort[] } = {},
): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const event = new Event('message');
  Object.assign(event, {
    data: { kind: HANDSHAKE },
    source: window.parent,
    origin: HOST,
    ports: [port2],
    ...part,
  });
  window.dispatchEvent(event);
  return port1;
}

describe('the port', () => {
  it('comes from the embedding page, with the boot on it', async () => {
    hand().postMessage(BOOT);
    await settle();
    expect(boots).toMatchObject([
      { token: 't', conversation: 'c', locale: 'de', isOpen: true, namespace: `halloo:panel:demo:${HOST}` },
    ]);
    expect(boots[0]?.page).toEqual({ url: 'https://shop.example/tea', title: 'Tea' });
  });

  it.each([
    ['another window', { source: {} }],
    ['no window', { source: null }],
    ['another message', { data: { kind: 'boot' } }],
    ['no port', { ports: [] }],
  ])('from %s is not taken', async (_, part) => {
    hand(part).postMessage(BOOT);
    await settle();
    expect(boots).toEqual([]);
  });

  it('is taken once', async () => {
    hand().postMessage(BOOT);
    hand().postMessage({ ...BOOT, token: 'second' });
    await settle();
    expect(boots.map(({ token }) => token)).toEqual(['t']);
  });

  it('a boot of other types is made harmless', async () => {
    hand().postMessage({ kind: 'boot', token: 7, conversation: {}, locale: [], page: 'x', open: 'yes' });
    await settle();
    expect(boots).toMatchObject([{ token: null, conversation: null, locale: null, page: {}, isOpen: false }]);
  });
});

// Keeps the focus in a part of the page when the element that had it goes away.

import { useLayoutEffect, useRef } from 'preact/hooks';

/** Answers a handler of `focusin` for the part; `fallback` names what takes the focus instead. */
export function useFocusKept(fallback: () => HTMLElement | null): (event: Event) => void {
  const focused = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (focused.current?.isConnected !== false) return;
    focused.current = null;
    if (document.activeElement === document.body) fallback()?.focus({ preventScroll: true });
  });
  return ({ target }) => {
    focused.current = target as Element;
  };
}

// Where the focus goes when a form takes the place of the button that opened it, and back.

import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Follows which form is open: by a thing's id, `''` for a new one, `null` for none.
 *
 * The button of a form carries its name in `data-opens`. Answers the reference for the list beside them.
 */
export function usePlace(open: string | null) {
  const list = useRef<HTMLUListElement>(null);
  const before = useRef(open);
  useLayoutEffect(() => {
    const left = before.current;
    before.current = open;
    if (left === open) return;
    if (open === null) focusOpener(list.current, left ?? '');
    else within(list.current, 'form :is(input, textarea):enabled')?.focus();
  }, [open]);
  return list;
}

/** For the button that opens the form of a thing, or of a new one. */
export function focusOpener(list: HTMLElement | null, name: string): void {
  within(list, `[data-opens="${CSS.escape(name)}"]`)?.focus();
}

function within(list: HTMLElement | null, selector: string): HTMLElement | null {
  return list?.parentElement?.querySelector<HTMLElement>(selector) ?? null;
}

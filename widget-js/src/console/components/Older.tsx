// Closed conversations beyond the live list: read page by page, until there are none.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Row } from '../../protocol/frames.ts';
import type { ListName } from '../lists.ts';
import { useWork } from '../work.ts';
import { useAction } from './action.ts';

const PAGE_ROWS = 50;
/** Pages one press may read to find a row that is not shown: more than the live list can hold. */
const PAGES_MAX = 20;

export interface Older {
  readonly rows: readonly Row[];
  /** Whether there may be more than what was read. */
  readonly hasMore: boolean;
  readonly busy: boolean;
  readonly error: string | null;
  /** Reads on until something comes that is not shown yet. */
  more(isShown: (row: Row) => boolean): void;
}

export function useOlder(name: ListName): Older {
  const { rest, site, onSignedOut } = useWork();
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [next, setNext] = useState<string | null>(name === 'closed' ? '' : null);
  const action = useAction(onSignedOut);
  const more = (isShown: (row: Row) => boolean) =>
    void action.run(async () => {
      let before = next;
      for (let pages = 0; before !== null && pages < PAGES_MAX; pages += 1) {
        const page = await rest.conversations(site.key, { state: 'closed', before, limit: PAGE_ROWS });
        before = page.next ?? null;
        setRows(held => [...held, ...page.rows]);
        setNext(before);
        if (!page.rows.every(isShown)) return;
      }
    });
  return { rows, hasMore: next !== null, busy: action.busy, error: action.error, more };
}

interface Props {
  readonly older: Older;
  readonly isShown: (row: Row) => boolean;
  readonly isEmpty: boolean;
}

export function OlderButton({ older, isShown, isEmpty }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const end = useRef<HTMLParagraphElement>(null);
  const isPressed = useRef(false);
  // The button goes with the last page; the focus must not fall out of the list with it.
  useLayoutEffect(() => {
    if (!older.hasMore && isPressed.current) end.current?.focus();
  }, [older.hasMore]);
  const press = () => {
    isPressed.current = document.activeElement === button.current;
    older.more(isShown);
  };
  return (
    <div class="older">
      {older.error !== null && <p role="alert">{older.error}</p>}
      {older.hasMore && isEmpty && <p>Nothing was closed lately.</p>}
      {older.hasMore ? (
        <button type="button" ref={button} aria-disabled={older.busy} onClick={press}>
          {older.busy ? 'Loading…' : 'Load older'}
        </button>
      ) : (
        <p ref={end} tabIndex={-1} role="status">
          {isEmpty ? 'Nothing was closed yet.' : 'There are no older ones.'}
        </p>
      )}
    </div>
  );
}

// A button that opens a menu in the top layer, worked with arrows, Escape and letters of the keyboard.

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

export interface MenuItem {
  readonly key: string;
  readonly label: ComponentChildren;
  readonly class?: string;
  readonly onPick: () => void;
}

interface Props {
  /** What the button shows. */
  readonly face: ComponentChildren;
  readonly label: string;
  readonly title?: string;
  readonly class?: string;
  readonly items: readonly MenuItem[];
  readonly disabled?: boolean;
  /** Names the button for shortcuts. */
  readonly hook?: string;
}

export function Menu({ face, label, title, items, hook, disabled = false, class: name = '' }: Props) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const opened = menu.current;
    if (opened === null) return;
    const onToggle = () => {
      const isOpen = opened.matches(':popover-open');
      button.current?.setAttribute('aria-expanded', String(isOpen));
      if (!isOpen || button.current === null) return;
      place(opened, button.current);
      opened.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    };
    opened.addEventListener('toggle', onToggle);
    return () => opened.removeEventListener('toggle', onToggle);
  }, []);

  const shut = () => {
    menu.current?.hidePopover();
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const entries = [...(menu.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const steps: { [key: string]: number } = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      entries.at(to % entries.length)?.focus();
    } else if (event.key === 'Tab') {
      menu.current?.hidePopover();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      event.stopPropagation();
      const letter = event.key.toLocaleLowerCase();
      const after = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
      after.find(entry => entry.textContent?.trim().toLocaleLowerCase().startsWith(letter))?.focus();
    }
  };
  return (
    <>
      <button
        type="button"
        ref={button}
        class={name}
        title={title}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={false}
        disabled={disabled}
        popovertarget={id}
        data-hook={hook}
      >
        {face}
      </button>
      <div
        id={id}
        ref={menu}
        popover="auto"
        class="menu"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        onKeyDown={onKeyDown}
      >
        {items.map(item => (
          <button
            type="button"
            key={item.key}
            role="menuitem"
            tabIndex={-1}
            class={item.class}
            onClick={() => {
              shut();
              item.onPick();
            }}
          >
            {item.label}
          </button>
        ))}
      </div>
    </>
  );
}

/** Below the button where there is room, else above; inside the window in either direction of writing. */
function place(menu: HTMLElement, button: HTMLElement): void {
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = anchor.bottom + 4;
  const top = below + height > innerHeight ? Math.max(4, anchor.top - height - 4) : below;
  const left = Math.min(Math.max(4, anchor.left), Math.max(4, innerWidth - width - 4));
  menu.style.top = `${top}px`;
  menu.style.left = `${left}px`;
}

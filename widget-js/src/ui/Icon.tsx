// Line icons, drawn on a 24 × 24 grid and hidden from screen readers: the control around them has the name.

const PATHS = {
  send: 'M4 12l16-8-5 16-3.5-6.5zM11.5 13.5L20 4',
  close: 'M6 6l12 12M18 6L6 18',
  minimise: 'M6 9l6 6 6-6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  star: 'M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1.1 5.9-5.3-2.9-5.3 2.9 1.1-5.9L3.5 9.7l5.9-.8z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  down: 'M12 5v14M6 13l6 6 6-6',
  clock: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
} as const;

export function Icon({ name, class: className }: { name: keyof typeof PATHS; class?: string }) {
  return (
    <svg class={`icon ${className ?? ''}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

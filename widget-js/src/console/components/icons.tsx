// The console's icons: outlines drawn in the colour of the text around them, hidden from screen readers.

const PATHS = {
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 4.5 4.5',
  settings:
    'M12 8.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4ZM12 3v2.6M12 18.4V21M3 12h2.6M18.4 12H21M5.6 5.6l1.9 1.9M16.5 16.5l1.9 1.9M18.4 5.6l-1.9 1.9M7.5 16.5l-1.9 1.9',
  help: 'M9.2 9a2.9 2.9 0 1 1 4.2 2.6c-.9.5-1.4 1-1.4 2M12 17.2v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M15 5l-7 7 7 7',
  transfer: 'M4 8h14l-4-4M20 16H6l4 4',
  park: 'M12 6v6l4 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  done: 'M4.5 12.5l5 5 10-11',
  reopen: 'M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5',
  take: 'M12 4v11m0 0-4.5-4.5M12 15l4.5-4.5M5 20h14',
  linked: 'M3 9.5a13 13 0 0 1 18 0M6.5 13a8 8 0 0 1 11 0M10 16.500a3 3 0 0 1 4 0M12 19.500v.1',
  unlinked: 'M3 9.5a13 13 0 0 1 18 0M6.5 13a8 8 0 0 1 11 0M12 19.500v.1M4 4l16 16',
  send: 'M4 12 20 4l-5 16-3.5-6.5L4 12Zm7.500 1.500L20 4',
  note: 'M5 4h14v10l-5 6H5V4Zm9 16v-6h5',
  person: 'M12 12.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20c.8-3.300 3.800-5 7.500-5s6.700 1.700 7.500 5',
  sound: 'M5 9.500v5h3.500L13 18.500v-13L8.500 9.500H5ZM16.500 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11',
  mute: 'M5 9.500v5h3.500L13 18.500v-13L8.500 9.500H5ZM17 9.500l4 5M21 9.500l-4 5',
  retry: 'M20 12a8 8 0 1 1-2.600-5.900M20 4v4.500h-4.500',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  beside: 'M4 5h16v14H4zM12 5v14',
  plus: 'M12 5v14M5 12h14',
  more: 'M4 7h16M4 12h16M4 17h16',
  pencil: 'M4 20l1-4L16 5l3 3L8 19l-4 1Z',
  chats: 'M4 5h16v11H10l-4 4v-4H4V5Z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

// Calls the agent: a sound, and a notification while the console is out of sight. Both only where they asked for it.

import type { Client } from '../client/shell.ts';
import type { Alert } from './alerts.ts';

export interface Bell {
  readonly sounds: boolean;
  readonly notifies: boolean;
  /** Whether the browser lets nobody ask for notifications any more. */
  readonly isBlocked: boolean;
  ring(alert: Alert): void;
  /** Call on a click only: browsers ask for leave, and let sounds start, only then. */
  setSounds(on: boolean): void;
  setNotifies(on: boolean): Promise<void>;
  stop(): void;
}

/** Sounds closer than this run together. */
const RING_EVERY_MS = 1_500;
/** Two short notes, the second higher: heard in an office, and soon over. */
const NOTES: readonly (readonly [hertz: number, start_s: number])[] = [
  [660, 0],
  [880, 0.12],
];

type Kept = Pick<Client, 'read' | 'write'>;

export function createBell(kept: Kept, onOpen: (conversation: string) => void): Bell {
  return new PageBell(kept, onOpen);
}

class PageBell implements Bell {
  sounds: boolean;
  notifies: boolean;
  private audio: AudioContext | null = null;
  private rang_at = 0;
  private readonly shown = new Set<Notification>();

  constructor(
    private readonly kept: Kept,
    private readonly onOpen: (conversation: string) => void,
  ) {
    this.sounds = kept.read('sounds') === 'on';
    this.notifies =
      kept.read('notifies') === 'on' && 'Notification' in window && Notification.permission === 'granted';
  }

  get isBlocked(): boolean {
    return !('Notification' in window) || Notification.permission === 'denied';
  }

  ring(alert: Alert): void {
    const inSight = document.visibilityState === 'visible' && document.hasFocus();
    if (this.sounds && !(inSight && alert.kind === 'message')) this.sound();
    if (this.notifies && !inSight) this.notify(alert);
  }

  setSounds(on: boolean): void {
    this.sounds = on;
    this.kept.write('sounds', on ? 'on' : null);
    if (on) this.sound();
  }

  async setNotifies(on: boolean): Promise<void> {
    const allowed = on && 'Notification' in window && (await Notification.requestPermission()) === 'granted';
    this.notifies = allowed;
    this.kept.write('notifies', allowed ? 'on' : null);
  }

  stop(): void {
    for (const notification of this.shown) notification.close();
    void this.audio?.close();
  }

  private notify(alert: Alert): void {
    const notification = new Notification(alert.title, { body: alert.body, tag: alert.conversation });
    this.shown.add(notification);
    notification.onclose = () => this.shown.delete(notification);
    notification.onclick = () => {
      window.focus();
      this.onOpen(alert.conversation);
      notification.close();
    };
  }

  private sound(): void {
    const now = Date.now();
    if (now - this.rang_at < RING_EVERY_MS) return;
    this.rang_at = now;
    this.audio ??= new AudioContext();
    void this.audio.resume();
    for (const [hertz, start_s] of NOTES) this.tone(this.audio, hertz, start_s);
  }

  private tone(audio: AudioContext, hertz: number, start_s: number): void {
    const at = audio.currentTime + start_s;
    const gain = audio.createGain();
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.25);
    gain.connect(audio.destination);
    const source = audio.createOscillator();
    source.frequency.value = hertz;
    source.connect(gain);
    source.start(at);
    source.stop(at + 0.3);
  }
}

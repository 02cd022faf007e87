// A component that is drawn again only when one of its properties is another one than before.

import { Component, type ComponentType, h } from 'preact';

export function memo<P extends object>(Drawn: (props: P) => unknown): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const keys = new Set([...Object.keys(this.props), ...Object.keys(next)]) as Set<keyof P>;
      return [...keys].some(key => this.props[key] !== next[key]);
    }

    override render() {
      return h(Drawn as ComponentType<P>, this.props as P & { key?: string });
    }
  };
}

// The settings page: its sections, and who may see which.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../components/icons.tsx';
import type { Me, MySite, Rest } from '../rest.ts';
import { Agents } from './Agents.tsx';
import { CannedReplies } from './CannedReplies.tsx';
import { MyAccount } from './MyAccount.tsx';
import { NewSite } from './NewSite.tsx';
import { SiteSettings } from './SiteSettings.tsx';
import { Teams } from './Teams.tsx';

export type Section = 'account' | 'site' | 'teams' | 'agents' | 'canned' | 'new_site';

export interface SectionProps {
  readonly rest: Rest;
  readonly me: Me;
  readonly site: MySite;
  readonly onSignedOut: () => void;
  readonly onMe: (me: Me) => void;
}

const TITLES: Readonly<{ [section in Section]: string }> = {
  account: 'Your account',
  canned: 'Canned replies',
  site: 'Site and snippet',
  teams: 'Teams',
  agents: 'Agents',
  new_site: 'New site',
};

/** The sections a person may open. The server decides again at every request. */
export function sectionsFor(me: Me, site: MySite | null): readonly Section[] {
  const sections: Section[] = ['account'];
  if (site !== null) sections.push('canned');
  if (site?.role === 'admin' || (site !== null && me.account.operator))
    sections.push('site', 'teams', 'agents');
  if (me.account.operator) sections.push('new_site');
  return sections;
}

interface Props {
  readonly rest: Rest;
  readonly me: Me;
  readonly site: MySite | null;
  readonly section: Section;
  readonly onSection: (section: Section) => void;
  readonly onBack: (() => void) | null;
  readonly onSignedOut: () => void;
  readonly onMe: (me: Me) => void;
  readonly onSite: (key: string) => void;
}

export function Settings(props: Props) {
  const { me, site, onSection, onBack } = props;
  const sections = sectionsFor(me, site);
  const section = sections.includes(props.section) ? props.section : (sections[0] ?? 'account');
  const nav = useRef<HTMLElement>(null);
  const page = useRef<HTMLElement>(null);
  // Where it is narrow the sections stand in a row that is longer than the screen.
  useLayoutEffect(() => {
    const show = () =>
      nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
    show();
    page.current?.scrollTo(0, 0);
    window.addEventListener('resize', show);
    return () => window.removeEventListener('resize', show);
  }, [section]);
  return (
    <div class="settings">
      <nav ref={nav} aria-label="Settings">
        {onBack !== null && (
          <button type="button" class="plain back" onClick={onBack}>
            <Icon name="back" /> Chats
          </button>
        )}
        {sections.map(name => (
          <button
            type="button"
            key={name}
            class="entry"
            aria-current={name === section ? 'page' : undefined}
            onClick={() => onSection(name)}
          >
            {TITLES[name]}
          </button>
        ))}
      </nav>
      <main ref={page} tabIndex={-1}>
        <h1>{TITLES[section]}</h1>
        <Page {...props} section={section} />
      </main>
    </div>
  );
}

function Page(props: Props) {
  const { section, site, rest, me, onMe, onSignedOut } = props;
  if (section === 'new_site') return <NewSite rest={rest} me={me} onMe={onMe} onSite={props.onSite} />;
  if (section === 'account' || site === null) return <MyAccount rest={rest} me={me} onMe={onMe} />;
  const given: SectionProps = { rest, me, site, onMe, onSignedOut };
  switch (section) {
    case 'site':
      return <SiteSettings key={site.key} {...given} />;
    case 'teams':
      return <Teams key={site.key} {...given} />;
    case 'agents':
      return <Agents key={site.key} {...given} />;
    case 'canned':
      return <CannedReplies key={site.key} {...given} />;
  }
}

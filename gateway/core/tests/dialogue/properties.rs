//! Random dialogues: whatever happens in whatever order, what the stage checks after every line holds.
//!
//! A failing case is printed as its lines, ready to become a dialogue of its own.

use crate::stage::world::World;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;

const VISITORS: [&str; 6] = ["v1", "v2", "v3", "v4", "v5", "v1.b"];
const AGENTS: [&str; 5] = ["a1", "a2", "a3", "a2.b", "boss"];
const CONVERSATIONS: [&str; 8] = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];
const TIMES: [&str; 7] = ["1 ms", "1 s", "5 s", "11 s", "20 s", "61 s", "11 min"];

/// The site's first lines: teams that assign and that offer, skills, languages, several open chats, relaxing.
fn site() -> impl Strategy<Value = Vec<String>> {
    let sales = select(vec!["team sales", "team sales reply 60 s", "team sales offers 20 s"]);
    let support = select(vec!["team support", "team support offers 20 s reply 30 s", "team support skills tax"]);
    let rules = select(vec!["site open 1", "site open 2", "site open 2 relax 30 s", "site open 1 preferred 20 s"]);
    let agents = select(vec!["agent a1 cap 1", "agent a1 cap 2 in sales speaks de", "agent a1 cap 3 knows tax"]);
    (sales, support, rules, agents).prop_map(|(sales, support, rules, agent)| {
        let lines = [sales, support, rules, agent, "agent a2 cap 2 knows tax", "agent a3 cap 1 in support lead"];
        lines.map(str::to_owned).to_vec()
    })
}

fn pair(who: &'static [&'static str], verbs: &'static [&'static str]) -> impl Strategy<Value = String> {
    (select(who), select(verbs)).prop_map(|(who, verb)| format!("{who} {verb}"))
}

fn on_conversation(
    who: &'static [&'static str],
    verbs: &'static [&'static str],
    tail: &'static [&'static str],
) -> impl Strategy<Value = String> {
    (select(who), select(verbs), select(&CONVERSATIONS[..]), select(tail))
        .prop_map(|(who, verb, conversation, tail)| format!("{who} {verb} {conversation}{tail}"))
}

/// Visitors mostly mean one of their own two conversations: `v2` has `c2` and `c5`.
fn by_visitor(verbs: &'static [&'static str], tail: &'static [&'static str]) -> impl Strategy<Value = String> {
    let own = (select(&VISITORS[..]), select(vec![0, 0, 0, 3]), select(verbs), select(tail));
    let own = own.prop_map(|(who, other, verb, tail)| {
        let number = who[1..2].parse::<u8>().expect("a visitor has a number") + other;
        format!("{who} {verb} c{number}{tail}")
    });
    prop_oneof![9 => own, 1 => on_conversation(&VISITORS, verbs, tail)]
}

/// One thing that somebody does. `%` becomes a word of its own, `$` the number of an earlier command.
fn act() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => pair(&VISITORS, &["joins", "joins", "leaves", "asks availability"]),
        8 => pair(&AGENTS, &["joins", "joins", "joins", "leaves"]),
        8 => by_visitor(&["opens"], &["", ": %", " in support", " in support speaking de",
            " for a2", " offline"]),
        10 => by_visitor(&["says"], &[": %", " as m: %"]),
        4 => by_visitor(&["closes", "reopens", "follows", "unfollows", "types"], &[""]),
        2 => by_visitor(&["rates", "reads"], &[" 1", " 3", " 5"]),
        10 => on_conversation(&AGENTS, &["says", "notes"], &[": %", " as m: %"]),
        8 => on_conversation(&AGENTS, &["accepts", "declines", "takes", "parks", "closes", "reopens", "follows"], &[""]),
        4 => on_conversation(&AGENTS, &["takes"], &[" from a1", " from a2", " from a3"]),
        4 => on_conversation(&AGENTS, &["transfers"], &[" to a1", " to a2", " to sales", " to support"]),
        2 => on_conversation(&AGENTS, &["parks"], &[" for 5 s", " for 5 min"]),
        2 => on_conversation(&["v1", "v2", "a1", "a2", "boss"], &["deletes", "edits"], &[" m", " m: %"]),
        2 => on_conversation(&AGENTS, &["reads"], &[" 2", " 4", " 9"]),
        5 => pair(&AGENTS, &["goes online", "goes away", "stops accepting", "starts accepting", "sets capacity 1",
            "sets capacity 3", "sets capacity 0"]),
        3 => pair(&AGENTS, &["watches all", "watches line", "watches mine", "watches closed", "watches roster",
            "lags", "unwatches all"]),
        8 => select(&TIMES[..]).prop_map(|time| format!("{time} pass")),
        4 => select(vec!["the desk reopens", "the node restarts", "the desk reopens among peers", "the roll is called",
            "the roll is called"]).prop_map(str::to_owned),
        2 => select(vec!["agent a1 disabled", "agent a1 enabled", "no team support", "team support offers 20 s",
            "team support", "site grace 5 s", "site absent 60 s", "agent a3 in sales support"]).prop_map(str::to_owned),
        3 => select(vec!["loads wait", "loads fail", "loads go on", "loads go on"]).prop_map(str::to_owned),
        6 => any::<prop::sample::Index>().prop_map(|index| format!("${}", index.index(1_000))),
        3 => (select(vec!["lost", "unheard"]), select(&CONVERSATIONS[..]), select(&VISITORS[..]))
            .prop_map(|(fate, conversation, visitor)| format!("{fate}: {visitor} says {conversation}: %")),
    ]
}

/// Plays random lines; each ends with what the lists were checked against.
fn play(site: &[String], acts: &[String]) -> World {
    let mut world = World::default();
    for line in site {
        world.line(line);
    }
    world.line("boss joins");
    for (index, act) in acts.iter().enumerate() {
        let line = if let Some(number) = act.strip_prefix('$') {
            let Some(line) = world.an_earlier_command(number.parse().expect("a number")) else { continue };
            line
        } else {
            act.replace('%', &format!("word{index}"))
        };
        world.line(&line);
    }
    for line in ["the roll is called", "loads go on"] {
        world.line(line);
    }
    world.check_lists();
    world.curtain();
    world
}

proptest! {
    #![proptest_config(Config { cases: 200, max_shrink_iters: 4_000, failure_persistence: None, ..Config::default() })]

    /// One assignee, capacity, the order of the line, nobody waiting in vain, numbers, tails, answers, lists: see
    /// `stage`. Then the same again as before for every outbox.
    #[test]
    fn whatever_happens_the_rules_hold(site in site(), acts in prop::collection::vec(act(), 1..90)) {
        let mut world = play(&site, &acts);
        world.repeat_all();
    }

    /// A desk that is opened from the store says of every conversation, agent and list what the running one says.
    #[test]
    fn a_reopened_desk_is_the_desk_that_ran(site in site(), acts in prop::collection::vec(act(), 1..60)) {
        play(&site, &acts).check_reopening();
    }

    /// Once all agents are there and ready, and everybody who waits is there too, the line empties.
    #[test]
    fn once_everybody_is_back_nobody_is_left_waiting(
        site in site(),
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut world = play(&site, &acts);
        for line in ["a1 goes away", "3 min pass", "agent a1 cap 100 in sales support speaks nothing knows tax enabled",
            "a1 joins", "a1 goes online", "a1 starts accepting", "a1 sets capacity 100"] {
            world.line(line);
        }
        world.check_nobody_present_waits();
    }
}

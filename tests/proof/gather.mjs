// From what the tools left to the parts of a proof. Keys that a tool does not write are left out, not made up.

/** A part that was not run says so; it neither passes nor fails. */
export function notRun(why) {
  return { state: "not run", why };
}

function state(ok) {
  return ok ? "passed" : "failed";
}

/** The simulator's campaign. Without a fresh summary it failed, whatever its exit status was. */
export function simOf({ ok, at, took_s, left }) {
  if (!left) return { state: "failed", why: "it left no summary", at, took_s };
  const found = Array.isArray(left.found) ? left.found : [];
  const unreached = (left.unreached ?? []).map((rule) => (Array.isArray(rule) ? rule[0] : rule));
  return {
    state: state(ok && found.length === 0 && !(left.unclean > 0) && left.seeds > 0),
    why: whyNot(ok, left.unclean ?? found.length, unreached.length),
    at,
    took_s,
    from: left.from ?? 0,
    seeds: left.seeds ?? 0,
    commands: left.commands,
    simulated_s: left.simulated_s,
    simulated_over_real: left.simulated_over_real,
    median: left.median ?? {},
    faults: left.faults ?? {},
    reached: left.reached ?? {},
    unreached,
    found,
  };
}

function whyNot(ok, wrong, unreached) {
  if (wrong > 0) return wrong === 1 ? "one world went wrong" : `${wrong} worlds went wrong`;
  if (ok) return undefined;
  return unreached > 0 ? `rules were hardly or never reached, so it says little of them: ${unreached}` : "the simulator ended badly";
}

/** The cases of a JUnit report: suite, name, seconds, whether it failed, and what it printed. */
export function casesOf(xml) {
  const cases = [];
  for (const [, words, body = ""] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const word = (name) => text(words.match(new RegExp(`(?:^| )${name}="([^"]*)"`))?.[1] ?? "");
    const out = text(body.match(/<system-out>([\s\S]*?)<\/system-out>/)?.[1] ?? "");
    const failed = /<(failure|error)\b/.test(body);
    cases.push({ suite: word("classname"), name: word("name"), seconds: Number(word("time")), failed, said: said(out) });
  }
  return cases;
}

function text(xml) {
  const plain = xml.replace(/^\s*<!\[CDATA\[|\]\]>\s*$/g, "");
  const names = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return plain.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => names[name]);
}

/** The seed, and the lines in which a test counts something; what the test runner says around them is left out. */
function said(out) {
  const lines = out.split("\n").map((line) => line.trim());
  const seed = lines.find((line) => line.startsWith("HALLOO_SEED="))?.slice("HALLOO_SEED=".length);
  const runner = /^(running \d|test |failures:|successes:|stdout|----|HALLOO_SEED=)/;
  return { seed, lines: lines.filter((line) => /\d/.test(line) && !runner.test(line)).slice(0, 12) };
}

/** The real process, killed, cut off and starved. */
export function processOf({ ok, at, took_s, left }) {
  if (!left || left.length === 0) return { state: "failed", why: "no test ran", at, took_s };
  const failed = left.filter((test) => test.failed);
  const why = failed.length > 0 ? `${failed.length} of ${left.length} tests failed` : ok ? undefined : "the test runner ended badly";
  return { state: state(ok && failed.length === 0), why, at, took_s, tests: left };
}

/** The corpus, replayed; and the last search, with its date, where there was one. */
export function fuzzOf({ ok, at, took_s, left }, files, search) {
  const tests = left ?? [];
  const empty = Object.keys(files).filter((target) => files[target] === 0);
  const fine = ok && tests.length > 0 && tests.every((test) => !test.failed) && empty.length === 0;
  const broken = tests.filter((test) => test.failed).map((test) => test.name.replaceAll("_", " "));
  const why = fine ? undefined : broken.length > 0 ? `does not hold: ${broken.join("; ")}` : tests.length === 0 ? "no test ran" : "a corpus is empty";
  const found = (search?.targets ?? []).some((target) => target.passed === false);
  return { state: state(fine && !found), why: found ? "the last search found a crash" : why, at, took_s, files, search };
}

/** Deliberate bugs take an hour; the last run is shown with its date. */
export function mutantsOf(summary) {
  if (!summary) return notRun("make mutants was not run here");
  const { caught = 0, missed = 0, mutants = [] } = summary.value;
  const at = new Date(summary.ms).toISOString();
  const why = missed > 0 ? `${missed} were not caught` : caught === 0 ? "none was tried" : undefined;
  return { state: state(!why), why, at, earlier: true, caught, missed, mutants };
}

/** A proof passes when something was run, and nothing that was run has failed. */
export function judge(parts) {
  const states = Object.values(parts).map((part) => part.state);
  return states.includes("passed") && !states.includes("failed");
}

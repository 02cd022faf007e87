// One page for whoever asks "will it lose a message?": pure, from a proof to HTML. No script, nothing from elsewhere.

const ANSWERS = {
  passed: "Nothing acknowledged was lost, doubled or reordered in anything that was run.",
  failed: "Something failed. Until it is explained, take this build for one that may lose a message.",
};

/** The whole document. */
export function page(proof) {
  const answer = proof.passed ? "passed" : "failed";
  const { sim, process, fuzz, mutants } = proof.parts;
  return `<!doctype html>
<html lang="en" class="${answer}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>halloo: will it lose a message?</title>
<style>${STYLE}</style>
<main>
<p class="kicker">halloo</p>
<h1>Will it lose a message?</h1>
<p class="answer"><strong>${proof.passed ? "No" : "It may"}.</strong> ${ANSWERS[answer]}${leftOut(proof.parts)}</p>
<dl class="facts">
${fact("When", time(proof.at))}
${fact("Commit", `<code>${safe(proof.commit?.slice(0, 12) ?? "unknown")}</code> ${safe(proof.subject ?? "")}${proof.changed ? " <em>and changes that are not committed</em>" : ""}`)}
${fact("Again", `<code>${safe(proof.command)}</code> on ${proof.cores} cores`)}
</dl>
${overview(proof.parts)}
${section("Simulated worlds", sim, simulated)}
${section("The real process", process, processes)}
${section("Bytes from strangers", fuzz, strangers)}
${section("Deliberate bugs", mutants, planted)}
</main>
</html>
`;
}

function leftOut(parts) {
  const names = Object.keys(parts).filter((name) => parts[name].state === "not run");
  return names.length > 0 ? ` <span class="left-out">Not run: ${names.map((name) => TITLES[name]).join(", ")}.</span>` : "";
}

const TITLES = { sim: "simulated worlds", process: "the real process", fuzz: "bytes from strangers", mutants: "deliberate bugs" };

function overview(parts) {
  const rows = Object.entries(parts).map(
    ([name, part]) => `<tr><th scope="row">${capital(TITLES[name] ?? safe(name))}</th><td>${badge(part)}</td><td>${extent(name, part)}</td></tr>`,
  );
  return table(["What", "Result", "How much"], rows, "What was run, and what it came to");
}

function extent(name, part) {
  if (part.state === "not run") return safe(part.why);
  switch (name) {
    case "sim":
      return `${count(part.seeds)} worlds, ${count(sum(part.faults))} faults that took effect, ${count(part.commands)} commands`;
    case "process":
      return `${count(part.tests?.length)} tests: kills, broken networks, disks, clocks and power`;
    case "fuzz":
      return `${count(sum(part.files))} inputs kept, ${count(Object.keys(part.files ?? {}).length)} targets`;
    default:
      return `${count(part.caught)} caught, ${count(part.missed)} missed`;
  }
}

function section(title, part, body) {
  const when = part.at ? `${part.earlier ? "Run earlier, " : ""}${time(part.at)}${part.took_s ? `, ${duration(part.took_s)}` : ""}` : "";
  const why = part.why ? `<p class="why">${capital(safe(part.why))}.</p>` : "";
  const inner = part.state === "not run" ? "" : body(part);
  return `<section><h2>${title} ${badge(part)}</h2>${when ? `<p class="when">${when}</p>` : ""}${why}${inner}</section>`;
}

function simulated(part) {
  if (!part.seeds) return "";
  const { median = {}, reached = {}, unreached = [] } = part;
  const size = Object.entries(median).map(([name, value]) => `${count(value)} ${safe(name)}`).join(", ");
  const rules = Object.entries(reached).sort(([a], [b]) => a.localeCompare(b));
  const rule = ([name, seeds]) => `<tr><th scope="row">${safe(name)}</th><td class="number">${count(seeds)}</td></tr>`;
  return `<p>The rules that serve visitors, run in seeded worlds of nodes, stores, networks and clients that fail; a judge that knows nothing of how it works reads what every client was told. ${
    part.simulated_s ? `${duration(part.simulated_s)} of simulated time, ${count(Math.round(part.simulated_over_real ?? 0))} times real time.` : ""
  } ${size ? `The median world: ${size}.` : ""}</p>
<h3>Faults that took effect</h3>
${bars(part.faults ?? {})}
<h3>Seeds ${count(part.from)} to ${count(part.from + part.seeds - 1)}</h3>
${seeds(part)}
${findings(part)}
<details><summary>${count(rules.length)} rules reached${unreached.length > 0 ? `, ${count(unreached.length)} hardly or never: ${unreached.map(safe).join("; ")}` : ", none missed"}</summary>
${table(["Rule", "Worlds that reached it"], rules.map(rule), "In how many worlds each rule was reached")}
</details>`;
}

function bars(faults) {
  const most = Math.max(1, ...Object.values(faults));
  const rows = Object.entries(faults)
    .sort(([, a], [, b]) => b - a)
    .map(([name, times]) => {
      const width = ((100 * times) / most).toFixed(1);
      const bar = `<svg class="bar" aria-hidden="true"><rect width="${width}%" height="100%" rx="2"/></svg>`;
      return `<tr><th scope="row">${safe(name)}</th><td class="number">${count(times)}</td><td class="drawn">${bar}</td></tr>`;
    });
  return rows.length > 0 ? table(["Fault", "Times", "Drawn"], rows, "How often each fault took effect") : "<p>None was drawn.</p>";
}

const SQUARES_MAX = 1000;
const SQUARES_PER_ROW = 50;

/** A square for each world, or for several where there are many. */
function seeds(part) {
  const each = Math.ceil(part.seeds / SQUARES_MAX);
  const squares = Math.ceil(part.seeds / each);
  const bad = new Set(part.found.map(({ seed }) => Math.floor((seed - part.from) / each)));
  const rows = Math.ceil(squares / SQUARES_PER_ROW);
  const square = (index) => {
    const [x, y] = [10 * (index % SQUARES_PER_ROW), 10 * Math.floor(index / SQUARES_PER_ROW)];
    return `<rect${bad.has(index) ? ' class="bad"' : ""} x="${x + 1}" y="${y + 1}" width="8" height="8" rx="1.5"/>`;
  };
  const label = `${count(part.seeds)} worlds, ${count(part.found.length)} of them went wrong`;
  const drawn = Array.from({ length: squares }, (_, index) => square(index)).join("");
  const key = each > 1 ? ` A square stands for ${count(each)} worlds.` : "";
  return `<figure><svg class="seeds" viewBox="0 0 ${10 * SQUARES_PER_ROW} ${10 * rows}" role="img" aria-label="${label}">${drawn}</svg>
<figcaption>${capital(label)}.${key}</figcaption></figure>`;
}

function findings(part) {
  if (part.found.length === 0) return "<p>Found: nothing.</p>";
  const row = ({ seed, found }) => `<tr><th scope="row">${safe(seed)}</th><td>${safe(found)}</td></tr>`;
  return `<h3>Found</h3><p>A world tells its story again: <code>cargo run -p sim -- --seed ${safe(part.found[0].seed)} --trace</code></p>
${table(["Seed", "What was seen"], part.found.map(row), "Worlds that went wrong")}`;
}

function processes(part) {
  const suites = Map.groupBy ? Map.groupBy(part.tests ?? [], suite) : grouped(part.tests ?? []);
  return `<p>The binary that is installed, with real sockets, files and signals; clients write down what they were told, and the same judge reads it.</p>${[
    ...suites,
  ]
    .map(([name, tests]) => table(["Test", "Result", "Seconds"], tests.map(test), capital(safe(name))))
    .join("")}`;
}

function suite(test) {
  return test.suite.split("::").pop();
}

function grouped(tests) {
  const suites = new Map();
  for (const test of tests) suites.set(suite(test), [...(suites.get(suite(test)) ?? []), test]);
  return suites;
}

function test({ name, seconds, failed, said }) {
  const lines = [...(said?.lines ?? []), ...(said?.seed ? [`seed ${said.seed}`] : [])];
  const told = lines.length > 0 ? `<small>${lines.map(safe).join("<br>")}</small>` : "";
  const sentence = capital(safe(name.split("::").pop().replaceAll("_", " ")));
  return `<tr><th scope="row">${sentence}${told}</th><td>${badge({ state: failed ? "failed" : "passed" })}</td><td class="number">${seconds.toFixed(1)}</td></tr>`;
}

function strangers(part) {
  const searched = new Map((part.search?.targets ?? []).map((target) => [target.target, target]));
  const rows = Object.entries(part.files ?? {}).map(([name, files]) => {
    const search = searched.get(name);
    const cells = search ? [count(search.executions), count(search.crashes)] : ["not searched", ""];
    return `<tr><th scope="row">${safe(name)}</th><td class="number">${count(files)}</td>${cells.map((cell) => `<td class="number">${cell}</td>`).join("")}</tr>`;
  });
  const when = part.search ? `The last search was ${time(part.search.at)}.` : "No search was run here: <code>make fuzz</code>.";
  return `<p>Frames, handshakes, commands, tokens and what peers say, as nobody would send them. Every input that ever showed something new is kept and replayed. ${when}</p>
${table(["Target", "Inputs replayed", "Searched", "Crashes"], rows, "Targets, and what was tried on them")}`;
}

function planted(part) {
  const rows = part.mutants.map(
    ({ mutant, says, caught_by, seconds }) =>
      `<tr><th scope="row">${safe(says ?? mutant)}</th><td>${badge({ state: String(caught_by).startsWith("nobody") ? "failed" : "passed" })} ${safe(caught_by)}</td><td class="number">${count(seconds)}</td></tr>`,
  );
  return `<p>Would these tests notice? Bugs were planted on purpose, one at a time; each has to be caught.</p>
${table(["Planted", "Caught by", "Seconds"], rows, "Deliberate bugs")}`;
}

function table(heads, rows, caption) {
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join("");
  return `<div class="wide"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function fact(name, value) {
  return `<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function badge({ state }) {
  const sign = { passed: "✓", failed: "✗" }[state] ?? "–";
  return `<span class="badge ${state.replace(" ", "-")}">${sign} ${state}</span>`;
}

function count(value) {
  return typeof value === "number" && Number.isFinite(value) ? value.toLocaleString("en") : "0";
}

function sum(counts) {
  return Object.values(counts ?? {}).reduce((all, one) => all + one, 0);
}

function time(iso) {
  return `<time datetime="${safe(iso)}">${safe(String(iso).replace("T", " ").replace(/(:\d\d)(:\d\d)(\.\d+)?Z$/, "$1 UTC"))}</time>`;
}

function duration(seconds) {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(0)} h`;
}

function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function safe(words) {
  const names = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&#39;" };
  return String(words ?? "").replace(/[<>&"']/g, (sign) => names[sign]);
}

const STYLE = `
:root { --ground: #fbfaf8; --text: #1d1c1a; --quiet: #66625b; --line: #dedad3; --good: #1c6b3c; --good-ground: #e2f2e7; --bad: #a5201d; --bad-ground: #fce4e2; --bar: #4a6fa5; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #191a1c; --text: #ecebe8; --quiet: #a5a29b; --line: #3a3b3e; --good: #84d6a2; --good-ground: #17331f; --bad: #ff9d96; --bad-ground: #46191a; --bar: #86aee8; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
.kicker { margin: 0; color: var(--quiet); letter-spacing: .04em; }
h1 { margin: 0 0 1rem; font-size: clamp(1.6rem, 6vw, 2.4rem); line-height: 1.15; text-wrap: balance; }
h2 { margin: 3rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 1.35rem; display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
h3 { margin: 1.6rem 0 .4rem; font-size: 1rem; }
.answer { margin: 0 0 1.5rem; padding: 1rem 1.2rem; border-radius: .6rem; background: var(--good-ground); border: 1px solid var(--good); font-size: 1.1rem; }
.answer strong { color: var(--good); }
.failed .answer { background: var(--bad-ground); border-color: var(--bad); }
.failed .answer strong, .why { color: var(--bad); }
.left-out { display: block; margin-top: .4rem; font-size: .95rem; }
.facts { margin: 0 0 1.5rem; }
.facts div { display: flex; gap: .8rem; padding: .2rem 0; }
dt { flex: 0 0 4.5rem; color: var(--quiet); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.when, figcaption, caption, small { color: var(--quiet); font-size: .9rem; }
.when { margin: 0 0 .6rem; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.wide { overflow-x: auto; margin: .6rem 0 1.2rem; }
table { width: 100%; border-collapse: collapse; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-weight: 500; font-size: .9rem; }
tbody th { font-weight: 500; }
small { display: block; font-weight: 400; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.drawn { width: 45%; }
.bar { display: block; width: 100%; height: .9rem; margin-top: .3rem; }
.bar rect { fill: var(--bar); }
figure { margin: .4rem 0 1rem; }
.seeds { display: block; width: 100%; height: auto; max-width: 40rem; }
.seeds rect { fill: var(--good); opacity: .55; }
.seeds .bad { fill: var(--bad); opacity: 1; }
.badge { display: inline-block; padding: 0 .5rem; border-radius: 1rem; border: 1px solid var(--line); color: var(--quiet); font-size: .85rem; font-weight: 500; white-space: nowrap; }
.badge.passed { border-color: var(--good); color: var(--good); background: var(--good-ground); }
.badge.failed { border-color: var(--bad); color: var(--bad); background: var(--bad-ground); }
summary { cursor: pointer; }
@media (max-width: 30rem) { .drawn { width: 30%; } th, td { padding-right: .5rem; } }
@media print {
  :root { --ground: #fff; --text: #000; --quiet: #444; --line: #bbb; --good: #14552f; --good-ground: #fff; --bad: #8f1512; --bad-ground: #fff; }
  main { padding: 0; max-width: none; }
  h2, tr, figure { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`;

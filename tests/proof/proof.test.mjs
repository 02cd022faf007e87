// What the page may not do: turn a failure green, or tell of what was not run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { casesOf, fuzzOf, judge, mutantsOf, notRun, processOf, simOf } from "./gather.mjs";
import { page } from "./page.mjs";

const AT = "2026-01-02T03:04:05.000Z";
const SUMMARY = {
  from: 0,
  seeds: 3,
  commands: 7,
  simulated_s: 60,
  simulated_over_real: 100,
  median: { nodes: 3 },
  faults: { "node killed": 5 },
  reached: { "assigned: routed": 2 },
  unreached: [],
  unclean: 0,
  found: [],
};
const JUNIT = `<testsuites name="nextest-run"><testsuite name="gateway-tests::kill">
<testcase name="killed_often_it_loses_nothing" classname="gateway-tests::kill" time="12.5"><system-out>running 1 test
HALLOO_SEED=77
killed 50 times &amp; well</system-out></testcase>
<testcase name="a_drain_is_gentle" classname="gateway-tests::kill" time="1.0"/></testsuite></testsuites>`;

const ran = (left, ok = true) => ({ ok, at: AT, took_s: 1, left });
const sim = (changes = {}, ok = true) => simOf(ran({ ...SUMMARY, ...changes }, ok));

function proofOf(changes = {}) {
  const parts = {
    sim: sim(),
    process: processOf(ran(casesOf(JUNIT))),
    fuzz: fuzzOf(ran(casesOf(JUNIT)), { frame: 2 }, undefined),
    mutants: notRun("make mutants was not run here"),
    ...changes,
  };
  return { at: AT, commit: "0123456789abcdef", subject: "desk: a <b>", changed: false, cores: 2, command: "make proof SEEDS=3", parts, passed: judge(parts) };
}

test("a proof whose parts hold is green, and names what was not run", () => {
  const proof = proofOf();
  assert.equal(proof.passed, true);
  const html = page(proof);
  assert.match(html, /<html lang="en" class="passed">/);
  assert.match(html, /Not run: deliberate bugs\./);
  assert.match(html, /Killed often it loses nothing<small>killed 50 times &amp; well<br>seed 77<\/small>/);
  assert.match(html, /node killed<\/th><td class="number">5</);
});

test("any part that fails makes the page red", () => {
  const failures = {
    sim: [sim({ found: [{ seed: 1, found: "lost" }], unclean: 1 }, false), sim({}, false), sim({ seeds: 0 }), simOf(ran(undefined))],
    process: [processOf(ran(casesOf(JUNIT.replace("/></testsuite>", '><failure/></testcase></testsuite>')), false)), processOf(ran([])), processOf(ran(casesOf(JUNIT), false))],
    fuzz: [fuzzOf(ran([]), { frame: 2 }), fuzzOf(ran(casesOf(JUNIT)), { frame: 0 }), fuzzOf(ran(casesOf(JUNIT)), { frame: 1 }, { at: AT, targets: [{ target: "frame", passed: false }] })],
    mutants: [mutantsOf({ ms: 0, value: { caught: 3, missed: 1, mutants: [] } }), mutantsOf({ ms: 0, value: { caught: 0, missed: 0, mutants: [] } })],
  };
  for (const [name, parts] of Object.entries(failures)) {
    for (const part of parts) {
      const proof = proofOf({ [name]: part });
      assert.equal(part.state, "failed", `${name}: ${JSON.stringify(part)}`);
      assert.equal(proof.passed, false, name);
      assert.match(page(proof), /<html lang="en" class="failed">/);
      assert.match(page(proof), /✗ failed/);
    }
  }
});

test("a proof of nothing is none", () => {
  const nothing = notRun("left out of this run");
  const proof = proofOf({ sim: nothing, process: nothing, fuzz: nothing });
  assert.equal(proof.passed, false);
});

test("a world that went wrong is shown with how to see it again", () => {
  const html = page(proofOf({ sim: sim({ found: [{ seed: 1, found: "I1 <lost>" }], unclean: 1 }) }));
  assert.match(html, /--seed 1 --trace/);
  assert.match(html, /I1 &lt;lost&gt;/);
  assert.equal(html.match(/<rect class="bad"/g).length, 1);
});

test("keys of a newer simulator are shown, and missing ones left out", () => {
  const html = page(proofOf({ sim: sim({ faults: { "a new fault": 9 }, median: undefined, unreached: [["rare", 1]] }) }));
  assert.match(html, /a new fault/);
  assert.match(html, /hardly or never: rare/);
  assert.doesNotMatch(html, /undefined|NaN|\[object/);
});

test("nothing is fetched, and every table has heads", () => {
  const html = page(proofOf({ mutants: mutantsOf({ ms: 0, value: { caught: 1, missed: 0, mutants: [{ mutant: "01", says: "x", caught_by: "rules: y", seconds: 3 }] } }) }));
  assert.doesNotMatch(html, /<script|<link|<img|src=|url\(|https?:/);
  const tables = html.match(/<table>/g).length;
  assert.equal(html.match(/<thead>/g).length, tables);
  assert.equal(html.match(/<caption>/g).length, tables);
});

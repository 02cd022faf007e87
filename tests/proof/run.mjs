// Runs what the page tells of, gathers what it came to, and writes target/proof/proof.json and index.html.
// Ends badly when a part failed. `PARTS='sim fuzz'` runs just those; the others are shown as not run.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { casesOf, fuzzOf, judge, mutantsOf, notRun, processOf, simOf } from "./gather.mjs";
import { page } from "./page.mjs";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const seeds = Number(process.env.SEEDS ?? 1000);
const wanted = (process.env.PARTS ?? "sim process fuzz").split(/\s+/).filter(Boolean);
const JUNIT = "target/nextest/proof/junit.xml";

function git(...words) {
  return spawnSync("git", words, { encoding: "utf8" }).stdout.trim();
}

/** Runs a command in the open; what it left counts only when it is newer than its beginning. */
function run(command, words, left, read) {
  console.log(`── ${command} ${words.join(" ")}`);
  const began = Date.now();
  const { status } = spawnSync(command, words, { stdio: "inherit" });
  const took_s = (Date.now() - began) / 1000;
  return { ok: status === 0, at: new Date(began).toISOString(), took_s, left: fresh(left, began, read) };
}

function fresh(path, since, read) {
  const found = written(path, read);
  return found && found.ms >= Math.floor(since / 1000) * 1000 ? found.value : undefined;
}

/** What stands in a file, and when it was written; nothing where it is missing or broken. */
function written(path, read) {
  try {
    return { value: read(readFileSync(path, "utf8")), ms: statSync(path).mtimeMs };
  } catch {
    return undefined;
  }
}

function simulator() {
  const words = ["run", "--quiet", "--package", "sim", "--", "--seeds", String(seeds)];
  return simOf(run("cargo", words, "target/sim/summary.json", JSON.parse));
}

function nextest(...words) {
  const all = ["nextest", "run", "--profile", "proof", "--no-fail-fast", ...words];
  return run("cargo", all, JUNIT, casesOf);
}

function processes() {
  if (!process.env.HALLOO_BIN) spawnSync("cargo", ["build", "--package", "gateway", "--bin", "halloo"], { stdio: "inherit" });
  return processOf(nextest("--package", "gateway-tests", "--test", "kill", "--test", "faults", "--test", "power"));
}

function corpus() {
  const folder = "tests/fuzz/corpus";
  const files = readdirSync(folder).map((target) => [target, readdirSync(`${folder}/${target}`).length]);
  return fuzzOf(nextest("--package", "fuzz"), Object.fromEntries(files), written("target/fuzz/summary.json", JSON.parse)?.value);
}

const runs = { sim: simulator, process: processes, fuzz: corpus };
const proof = {
  at: new Date().toISOString(),
  commit: git("rev-parse", "HEAD"),
  subject: git("log", "-1", "--format=%s"),
  changed: git("status", "--porcelain") !== "",
  cores: availableParallelism(),
  command: `make proof SEEDS=${seeds}`,
  parts: {},
};
for (const [name, part] of Object.entries(runs)) {
  proof.parts[name] = wanted.includes(name) ? part() : notRun("left out of this run");
}
proof.parts.mutants = mutantsOf(written("target/mutants/summary.json", JSON.parse));
// What was changed while it ran was part of what was run.
proof.changed ||= git("status", "--porcelain") !== "" || git("rev-parse", "HEAD") !== proof.commit;
proof.passed = judge(proof.parts);
mkdirSync("target/proof", { recursive: true });
writeFileSync("target/proof/proof.json", `${JSON.stringify(proof, null, 2)}\n`);
writeFileSync("target/proof/index.html", page(proof));
console.log(`${proof.passed ? "passed" : "FAILED"}: target/proof/index.html`);
process.exitCode = proof.passed ? 0 : 1;

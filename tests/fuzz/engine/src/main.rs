//! libFuzzer's entry: hands its inputs to the target that `HALLOO_FUZZ` names. `scripts/fuzz` builds and runs it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

static RUN: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(
    init: {
        let name = std::env::var("HALLOO_FUZZ").unwrap_or_default();
        let target = fuzz::TARGETS.iter().find(|target| target.name == name);
        RUN.get_or_init(|| target.expect("HALLOO_FUZZ names no target").run);
    },
    |bytes: &[u8]| {
        let run = RUN.get().expect("the fuzzer begins with what stands above");
        run(bytes);
    }
);

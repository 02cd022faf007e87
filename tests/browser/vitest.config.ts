// One file after another: a browser and a gateway are enough for two cores.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*.browser.ts'],
    fileParallelism: false,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
  },
});

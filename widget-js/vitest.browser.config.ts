// Tests in Debian's Chromium, against dist/: run `npm run build` first.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/**/*.browser.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
});

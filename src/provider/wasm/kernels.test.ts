/**
 * The committed bytes are what the committed text assembles to, and every kernel does what its text
 * says. After a change of the text: `npx vitest run src/provider/wasm/kernels.test.ts -u`.
 */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import wabt from 'wabt';

const LINE = 96;

test('the bytes are those of the text', async () => {
  const text = await readFile(new URL('./kernels.wat', import.meta.url), 'utf8');
  const assembler = await wabt();
  const module = assembler.parseWat('kernels.wat', text, { simd: true, bulk_memory: true });
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  expect(base64.length).toBeGreaterThan(1000);
  const source = `/**
 * The kernels, assembled from kernels.wat, base64. Written by kernels.test.ts.
 * @module
 */
export const KERNELS: string = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
  await expect(source).toMatchFileSnapshot('./kernels-bytes.ts');
});

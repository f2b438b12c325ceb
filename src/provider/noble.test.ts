/**
 * Goal: the generic provider keeps the laws of the byte kernels.
 * Method: the shared laws, each against one-shot node:crypto and noble on contiguous bytes.
 */
import { describe, expect, it } from 'vitest';
import { providerLaws } from './laws-provider.ts';
import { nobleProvider } from './noble.ts';

describe('the generic provider', () => {
  const laws = providerLaws(nobleProvider);
  for (const law of laws) it(law.name, () => expect(law.check).not.toThrow());
});

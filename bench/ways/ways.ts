/**
 * Which ways do a workload, by name.
 * @module
 */
import type { WaySpec } from '../way.ts';
import type { Plan } from '../workloads.ts';
import { CONVERTED_BATCH, CONVERTED_WAYS } from './converted.ts';
import { FRONT } from './front.ts';
import { LEGACY_WAYS } from './legacy.ts';
import { NODE_WAYS } from './node.ts';
import { NOBLE, WEBCRYPTO_WAYS } from './other.ts';

/** Every way that can do the work of a plan: no library but node has XTS. */
export function waysOf({ mode, encrypt }: Plan): WaySpec[] {
  const noWeb = mode === 'xts' || (mode === 'cbc' && !encrypt);
  return [
    ...NODE_WAYS.filter(({ id }) => mode !== 'xts' || id !== 'P2'),
    ...(mode === 'xts' ? [] : [NOBLE]),
    ...(noWeb ? [] : WEBCRYPTO_WAYS),
    ...LEGACY_WAYS,
    ...CONVERTED_WAYS,
    ...(mode === 'sha256' ? [] : [CONVERTED_BATCH]),
    ...(mode === 'xts' ? [] : [FRONT]),
  ];
}

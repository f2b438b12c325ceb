/**
 * The ledger: what is held, by whom. Everything that is taken is entered here and must be returned.
 *
 * Checked: a return without a matching taking, what is left at the end. Not checked: the order of
 * returns, except for kernel mappings, which are a stack.
 * @module
 */
import { KernelBug } from '../assert.ts';

/** Kinds of things that are taken and returned. */
export type LedgerKind =
  | 'page'
  | 'slab'
  | 'key'
  | 'vmalloc'
  | 'reference'
  | 'pin'
  | 'kmap'
  | 'dma'
  | 'tfm';

/** What is still held: `count` things of `kind` with key `id`, taken by `who`. */
export interface Holding {
  readonly kind: LedgerKind;
  readonly id: number;
  readonly who: string;
  readonly count: number;
}

/** Told of everything that is taken. */
export type LedgerRecorder = (kind: LedgerKind, id: number, who: string) => void;

interface Entry {
  count: number;
  who: string;
}

export class Ledger {
  /** Null costs one comparison a taking. */
  recorder: LedgerRecorder | null = null;
  private readonly held = new Map<LedgerKind, Map<number, Entry>>();

  reset(): void {
    this.recorder = null;
    for (const entries of this.held.values()) entries.clear();
  }

  /** Enters `count` things of `kind` under key `id` (a frame number, an address). */
  take(kind: LedgerKind, id: number, who: string, count = 1): void {
    let entries = this.held.get(kind);
    if (entries === undefined) {
      entries = new Map();
      this.held.set(kind, entries);
    }
    const entry = entries.get(id);
    if (entry === undefined) entries.set(id, { count, who });
    else entry.count += count;
    this.recorder?.(kind, id, who);
  }

  /** Returns `count` things. @throws KernelBug when fewer are held. */
  drop(kind: LedgerKind, id: number, count = 1): void {
    const entries = this.held.get(kind);
    const entry = entries?.get(id);
    if (entries === undefined || entry === undefined || entry.count < count) {
      throw new KernelBug('released something that is not held', { kind, id });
    }
    entry.count -= count;
    if (entry.count === 0) entries.delete(id);
  }

  /** How many things of `kind` are held, in all or under one key. */
  count(kind: LedgerKind, id?: number): number {
    const entries = this.held.get(kind);
    if (entries === undefined) return 0;
    if (id !== undefined) return entries.get(id)?.count ?? 0;
    let sum = 0;
    for (const entry of entries.values()) sum += entry.count;
    return sum;
  }

  /** Everything that is still held, in a stable order. */
  holdings(): Holding[] {
    const list: Holding[] = [];
    for (const [kind, entries] of this.held) {
      for (const [id, { who, count }] of entries) list.push({ kind, id, who, count });
    }
    return list.sort((a, b) => (a.kind === b.kind ? a.id - b.id : a.kind < b.kind ? -1 : 1));
  }
}

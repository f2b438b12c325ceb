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

/** What is held under one key; the last three are of the last {@link Ledger.mark} once it was touched since. */
interface Entry {
  count: number;
  who: string;
  markedCount: number;
  markedWho: string;
  mark: number;
}

export class Ledger {
  /** Null costs one comparison a taking. */
  recorder: LedgerRecorder | null = null;
  private readonly held = new Map<LedgerKind, Map<number, Entry>>();
  /** Number of the last mark. */
  private marks = 0;
  /** Keys of which something else is held than at the last mark. */
  private changed = 0;

  reset(): void {
    this.recorder = null;
    for (const entries of this.held.values()) entries.clear();
    this.mark();
  }

  /** What is held now is what {@link isAsMarked} compares with. Costs the same however much is held. */
  mark(): void {
    this.marks++;
    this.changed = 0;
  }

  /** True where of everything as much is held as at the last mark. */
  get isAsMarked(): boolean {
    return this.changed === 0;
  }

  /** Everything that was held at the last mark, in a stable order. */
  marked(): Holding[] {
    return this.list((entry) =>
      entry.mark === this.marks ? [entry.markedCount, entry.markedWho] : [entry.count, entry.who],
    );
  }

  /** Enters `count` things of `kind` under key `id` (a frame number, an address). */
  take(kind: LedgerKind, id: number, who: string, count = 1): void {
    let entries = this.held.get(kind);
    if (entries === undefined) {
      entries = new Map();
      this.held.set(kind, entries);
    }
    const entry = entries.get(id);
    if (entry === undefined) {
      entries.set(id, { count, who, markedCount: 0, markedWho: who, mark: this.marks });
      this.changed++;
    } else {
      this.change(entry, count);
      if (entry.count === count) entry.who = who;
    }
    this.recorder?.(kind, id, who);
  }

  /** Returns `count` things. @throws KernelBug when fewer are held. */
  drop(kind: LedgerKind, id: number, count = 1): void {
    const entries = this.held.get(kind);
    const entry = entries?.get(id);
    if (entries === undefined || entry === undefined || entry.count < count) {
      throw new KernelBug('released something that is not held', { kind, id });
    }
    this.change(entry, -count);
    // What was held at the last mark is remembered.
    if (entry.count === 0 && entry.markedCount === 0) entries.delete(id);
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
    return this.list(({ count, who }) => [count, who]);
  }

  private change(entry: Entry, by: number): void {
    if (entry.mark !== this.marks) {
      entry.mark = this.marks;
      entry.markedCount = entry.count;
      entry.markedWho = entry.who;
    }
    if (entry.count === entry.markedCount) this.changed++;
    entry.count += by;
    if (entry.count === entry.markedCount) this.changed--;
  }

  private list(of: (entry: Entry) => readonly [count: number, who: string]): Holding[] {
    const list: Holding[] = [];
    for (const [kind, entries] of this.held) {
      for (const [id, entry] of entries) {
        const [count, who] = of(entry);
        if (count > 0) list.push({ kind, id, who, count });
      }
    }
    return list.sort((a, b) => (a.kind === b.kind ? a.id - b.id : a.kind < b.kind ? -1 : 1));
  }
}

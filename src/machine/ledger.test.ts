/**
 * Goal: the ledger, the fault plan and the context count exactly, and name what is wrong.
 * Method: random takings and returns against a map; single rules by hand.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Context } from './context.ts';
import { FaultPlan } from './fault.ts';
import { Ledger, type LedgerKind } from './ledger.ts';

test('what is held is what was taken less what was returned', () => {
  const kind = fc.constantFrom<LedgerKind>('page', 'pin', 'kmap');
  const step = fc.tuple(fc.boolean(), kind, fc.nat(3), fc.integer({ min: 1, max: 3 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const ledger = new Ledger();
      const model = new Map<string, number>();
      for (const [take, what, id, count] of steps) {
        const key = `${what} ${id}`;
        const held = model.get(key) ?? 0;
        if (take) ledger.take(what, id, 'test', count);
        else if (held < count) expect(() => ledger.drop(what, id, count)).toThrow(/not held/);
        else ledger.drop(what, id, count);
        if (take || held >= count) model.set(key, held + (take ? count : -count));
        expect(ledger.count(what, id)).toBe(model.get(key) ?? 0);
      }
      const expected = [...model].filter(([, count]) => count > 0).sort();
      const holdings = ledger.holdings().map((h) => [`${h.kind} ${h.id}`, h.count]);
      expect(holdings.sort()).toEqual(expected);
      ledger.reset();
      expect(ledger.holdings()).toEqual([]);
    }),
  );
});

test('a ledger is as marked exactly when it holds what it held, and says what that was', () => {
  const kind = fc.constantFrom<LedgerKind>('page', 'pin');
  const step = fc.tuple(
    fc.constantFrom('take', 'drop', 'mark'),
    kind,
    fc.nat(2),
    fc.constantFrom('a', 'b'),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const ledger = new Ledger();
      let marked = ledger.holdings();
      for (const [what, of, id, who] of steps) {
        if (what === 'take') ledger.take(of, id, who);
        else if (what === 'mark') {
          ledger.mark();
          marked = ledger.holdings();
        } else if (ledger.count(of, id) > 0) ledger.drop(of, id);
        const counts = (list: typeof marked) => list.map((h) => [h.kind, h.id, h.count]);
        const isSame = JSON.stringify(counts(marked)) === JSON.stringify(counts(ledger.holdings()));
        expect(ledger.isAsMarked).toBe(isSame);
        expect(ledger.marked()).toEqual(marked);
      }
    }),
  );
});

test('holdings come in a stable order and name the first taker', () => {
  const ledger = new Ledger();
  ledger.take('pin', 9, 'b');
  ledger.take('page', 5, 'a');
  ledger.take('pin', 2, 'c');
  ledger.take('pin', 2, 'd');
  expect(ledger.holdings().map((h) => `${h.kind} ${h.id} ${h.who} ${h.count}`)).toEqual([
    'page 5 a 1',
    'pin 2 c 2',
    'pin 9 b 1',
  ]);
  expect(ledger.count('pin')).toBe(3);
});

test('exactly the planned calls fail, and a plan knows whether it struck', () => {
  const faults = new FaultPlan();
  faults.arm([
    { point: 'kmalloc', nth: 2 },
    { point: 'gup', nth: 1 },
  ]);
  expect([1, 2, 3].map(() => faults.hit('kmalloc'))).toEqual([false, true, false]);
  expect(faults.exhausted()).toBe(false);
  expect([1, 2].map(() => faults.hit('gup'))).toEqual([true, false]);
  expect(faults.exhausted()).toBe(true);
  faults.arm([]);
  expect(faults.hit('gup')).toBe(false);
});

test('sections nest, and leaving one that was not entered is a bug', () => {
  const context = new Context();
  context.enterAtomic();
  context.enterAtomic();
  context.leaveAtomic();
  expect(context.inAtomic()).toBe(true);
  context.leaveAtomic();
  expect(context.inAtomic()).toBe(false);
  expect(() => context.leaveAtomic()).toThrow('preempt count underflow');
  expect(() => context.rcuReadUnlock()).toThrow('rcu_read_unlock');
});

test.each(['softirq', 'hardirq'] as const)('%s context must not sleep', (section) => {
  const context = new Context();
  context[section]++;
  expect(() => context.mightSleep('kmalloc')).toThrow(/invalid context \(where=kmalloc\)/);
  context.reset();
  context.mightSleep('kmalloc');
});

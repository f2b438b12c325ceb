/**
 * Goal: `diff legacy converted` reads as the conversion. Files of one path export the same names in the
 * same order; what stands on one side only is in a table here, with its reason. And the conversion makes
 * templates shorter.
 * Method: exported names and lines of code, read from the text. A row that excuses nothing fails, so the
 * tables cannot outlive what they excuse.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Side = 'legacy' | 'converted';

/** Files, or exported names of files, that one side alone has. */
interface Row {
  readonly side: Side;
  readonly file: RegExp;
  /** Absent: the whole file. */
  readonly names?: RegExp;
  readonly reason: string;
}

/** What is converted: lists and walks over them on one side, iterators and their lowering on the other. */
const ROOMS: Readonly<Record<Side, RegExp>> = {
  legacy: /^(lists|walk)\//,
  converted: /^(iter|lower|front|lib)\//,
};

const ROWS: readonly Row[] = [
  {
    side: 'legacy',
    file: /^shash\.ts$/,
    names: /^shash(Set)?Message$/,
    reason:
      'a running message is in the request; there it is in the operation, for everybody to see',
  },
  {
    side: 'converted',
    file: /^op\.ts$/,
    reason: 'what is below the iterators; there, a request is both',
  },
  {
    side: 'legacy',
    file: /^parts\.ts$/,
    names: /^(glue|behindAd|hashList|cryptoMemneq)$/,
    reason: "private tables in front of the caller's list, and skipping the associated data in it",
  },
  {
    side: 'converted',
    file: /^parts\.ts$/,
    names: /^(parts|slice|padded|zeros|own|own(Write|Read|Clear)|(cipher|plain)Text)$/,
    reason: 'lists made of lists, where the other side glues, copies and skips',
  },
  {
    side: 'legacy',
    file: /^templates\/authencesn\.ts$/,
    reason: "moving bytes inside the caller's list; here one more list in authenc.ts",
  },
  {
    side: 'legacy',
    file: /^templates\/authenc\.ts$/,
    names: /^(AuthencRequestCtx|copyAssoc|cryptText|digest)$/,
    reason: 'what authencesn shares with authenc',
  },
  {
    side: 'converted',
    file: /^(aead|ahash|akcipher|skcipher|acomp|data|kpp)\.ts$/,
    names:
      /^(Aead|Ahash|Akcipher|Skcipher|Acomp|Data|Kpp)Op$|^(aead|skcipher)Run$|^(ahash(Init|Update|Final|Finup|Digest)|akcipher(En|De)crypt)$/,
    reason: 'an operation below the iterators and what runs it; there, a request is both',
  },
  {
    side: 'converted',
    file: /^counter-tag\.ts$/,
    reason:
      'what gcm and ccm do alike with a block in front of the text; there, each glues its own',
  },
  {
    side: 'converted',
    file: /^tweaked-ecb\.ts$/,
    reason: 'what xts and lrw are but for their tweaks; there, each sets up the same request',
  },
  {
    side: 'converted',
    file: /^aead-work\.ts$/,
    reason: 'whole operations for engines, which walk lists in the memory of the machine',
  },
  {
    side: 'converted',
    file: /^(batch|units)\.ts$/,
    reason: 'several operations in one submission, and data units; 6.1 has neither',
  },
  {
    side: 'converted',
    file: /^(aead|skcipher)\.ts$/,
    names:
      /^(aead|skcipher)(Prepare|Submit|Settle)$|^aeadConflict$|^UnitsAtOnce$|^skcipherRequestSetUnitSize$/,
    reason: 'see above',
  },
  {
    side: 'converted',
    file: /^template\.ts$/,
    names: /^(Aead|Ahash|Akcipher|Skcipher)TemplateOp$/,
    reason: 'see above',
  },
  {
    side: 'legacy',
    file: /^template\.ts$/,
    names: /^(Aead|Ahash|Akcipher|Skcipher)TemplateReq$/,
    reason: 'see above',
  },
  {
    side: 'converted',
    file: /^aead\.ts$/,
    names: /^(aeadRequestSetTag|aeadSplit|AeadParts)$/,
    reason: 'the tag is a part of its own, and the old layout can be cut into parts',
  },
  {
    side: 'converted',
    file: /^akcipher\.ts$/,
    names: /^akcipherRequestSetDigest$/,
    reason: 'the digest is a part of its own; there, it stands behind the signature',
  },
  {
    side: 'legacy',
    file: /^akcipher\.ts$/,
    names: /^akcipherRequestSetTfm$/,
    reason: 'for requests inside the memory of another',
  },
  {
    side: 'legacy',
    file: /^(aead|ahash|skcipher)\.ts$/,
    names: /_REQUEST_SIZE$/,
    reason: 'a request is embedded in the memory of another; operations are not',
  },
  {
    side: 'legacy',
    file: /^data\.ts$/,
    names: /^(DATA_REQUEST_SIZE|dataRequestAlloc)$/,
    reason: 'the memory of an operation is the business of op.ts',
  },
  {
    side: 'legacy',
    file: /^child\.ts$/,
    names: /^(childSize|childRequest|(skcipher|ahash)Subreq)$/,
    reason: 'requests of children in the memory of the parent; spawn.ts lays operations out',
  },
  {
    side: 'converted',
    file: /^spawn\.ts$/,
    names: /^(ChildAlgs?|contextFor)$/,
    reason: 'see above',
  },
  {
    side: 'legacy',
    file: /^child\.ts$/,
    names: /^(templateCtx|childShash)$/,
    reason:
      'a context of its own kind, and a hash called on linear data, which a list of one entry is here',
  },
  {
    side: 'converted',
    file: /^child\.ts$/,
    names: /^(childHash|childMessage|callShash|hearChild|hashOf)$/,
    reason: 'a running message is in the operation; there, in the request of the child',
  },
  {
    side: 'converted',
    file: /^(child|steps)\.ts$/,
    names: /^(nonceSetkey|childIv)$/,
    reason: 'what several templates repeat there',
  },
  {
    side: 'legacy',
    file: /^steps\.ts$/,
    names: /^(StepRequest|StepState|KEEP_BACKLOG)$/,
    reason: 'requests of three classes with one context, and the masks of 6.1 in words',
  },
  {
    side: 'legacy',
    file: /^ahash\.ts$/,
    names: /^HashFactory$/,
    reason: 'here it stands in shash.ts, below which nothing asks for it',
  },
  {
    side: 'converted',
    file: /^shash\.ts$/,
    names: /^(HashFactory|ShashOps|ShashRow|shashAlg|shashOps)$/,
    reason: 'a hash is a row and how its messages start',
  },
  {
    side: 'legacy',
    file: /^shash\.ts$/,
    names:
      /^(cryptoInitShashOpsAsync|Shash(Ctx|Alg|Properties)|isShash|CryptoShash|crypto(Spawn)?Shash\w*)$/,
    reason: 'hashes of linear data are a kind of children; here a list of one entry is linear data',
  },
  {
    side: 'legacy',
    file: /^tfm\.ts$/,
    names:
      /^(cryptoSubmitBegin|cryptoSubmitted|cryptoSubmitEnd|cryptoTfmRequestComplete|cryptoRequestFree|isPending)$/,
    reason:
      'opStart, opSubmitted, opAnswered, opComplete, opFree and isPending in op.ts: what is in flight is an operation',
  },
  {
    side: 'converted',
    file: /^tfm\.ts$/,
    names: /^rcuNeeded$/,
    reason:
      'an iterator over the page cache is valid under RCU only; a scatterlist holds references',
  },
  {
    side: 'legacy',
    file: /^crypto-api\.ts$/,
    names: /^ZeroLength$/,
    reason: 'empty entries end a hash walk there; here they are skipped, and there is no choice',
  },
  {
    side: 'converted',
    file: /^templates\/rfc4106\.ts$/,
    names: /^ipsec(Form|Iv)$/,
    reason:
      'rfc4543, too, is the same but for its lists; there, each copies and glues in its own way',
  },
  {
    side: 'converted',
    file: /^templates\/authenc\.ts$/,
    names: /^(authencesn|AUTH|crypt)$/,
    reason: 'the same as authenc but for what is hashed',
  },
  {
    side: 'converted',
    file: /^templates\/simple\.ts$/,
    names: /^(SimpleMode|simpleTemplate|eachBlock|changeBlocks|cryptoXor|cryptoInc)$/,
    reason: 'a mode is a function over a run of blocks',
  },
  {
    side: 'legacy',
    file: /^templates\/simple\.ts$/,
    names: /^(skcipherAllocInstanceSimple|CryptBytes|walkBlocks|walkStream)$/,
    reason:
      'a mode is a function over a step of the walk, and the loop is part of what is modelled',
  },
  {
    side: 'legacy',
    file: /^templates\/xts\.ts$/,
    names: /^gf128mulXBle$/,
    reason: 'the byte kernel of the provider',
  },
];

/** Not mirrored: the lists of what each package entry offers, and helpers of tests. */
const APART = /(^index|(^|\/)testing)\.ts$/;

function sourcesOf(side: Side): string[] {
  return readdirSync(side, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(path))
    .filter((path) => !ROOMS[side].test(path) && !APART.test(path))
    .sort();
}

function exportsOf(side: Side, path: string): string[] {
  const text = readFileSync(`${side}/${path}`, 'utf8');
  const kinds = /^export (?:abstract )?(?:function|class|interface|type|const) (\w+)/gm;
  return [...text.matchAll(kinds)].map(([, name]) => name);
}

const SOURCES: Readonly<Record<Side, readonly string[]>> = {
  legacy: sourcesOf('legacy'),
  converted: sourcesOf('converted'),
};
const PAIRS = SOURCES.legacy.filter((path) => SOURCES.converted.includes(path));
const OTHER = { legacy: 'converted', converted: 'legacy' } as const;

/** What stands on one side only and no row excuses. Marks the rows that excuse something. */
function unexcused(rows: readonly Row[], used: Set<Row>): string[] {
  const found: string[] = [];
  for (const side of ['legacy', 'converted'] as const) {
    for (const file of SOURCES[side]) {
      const paired = SOURCES[OTHER[side]].includes(file);
      const theirs = paired ? exportsOf(OTHER[side], file) : [];
      const alone = paired ? exportsOf(side, file).filter((name) => !theirs.includes(name)) : [''];
      for (const name of alone) {
        const row = rows.find(
          (row) =>
            row.side === side &&
            row.file.test(file) &&
            (paired ? row.names?.test(name) === true : row.names === undefined),
        );
        if (row === undefined) found.push(`${side}/${file} ${name}`.trim());
        else used.add(row);
      }
    }
  }
  return found;
}

test('files of one path export the same names, but for those that a row explains', () => {
  const used = new Set<Row>();
  expect(unexcused(ROWS, used)).toEqual([]);
  expect(ROWS.filter((row) => !used.has(row)).map(({ reason }) => reason)).toEqual([]);
  expect(ROWS.every(({ reason }) => reason.length > 8)).toBe(true);
});

test('what both export stands in the same order', () => {
  let names = 0;
  for (const path of PAIRS) {
    const [left, right] = [exportsOf('legacy', path), exportsOf('converted', path)];
    const common = left.filter((name) => right.includes(name));
    expect(right.filter((name) => left.includes(name))).toEqual(common);
    names += common.length;
  }
  console.log(`mirror: ${PAIRS.length} pairs of files, ${names} names on both sides`);
  expect(PAIRS.length).toBeGreaterThan(20);
  expect(names).toBeGreaterThan(70);
});

test('the mirror rings: a name without a row is found', () => {
  const rows = ROWS.filter(({ names }) => names?.test('aeadSplit') !== true);
  expect(rows.length).toBe(ROWS.length - 1);
  expect(unexcused(rows, new Set())).toContain('converted/aead.ts aeadSplit');
});

/** Templates of which one side has more files than the other. */
const TOGETHER: Readonly<Record<string, string>> = {
  authencesn: 'authenc',
  keystream: 'gcm',
  cbc: 'simple',
  ctr: 'simple',
  ecb: 'simple',
};

/** Lines that are neither blank nor comment nor import. */
function linesOfCode(text: string): number {
  const code = text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^import [\s\S]*?;\n/gm, '');
  return code.split('\n').filter((line) => line.trim() !== '').length;
}

function templateLines(side: Side): Map<string, number> {
  const lines = new Map<string, number>();
  for (const path of SOURCES[side]) {
    const name = /^templates\/(.*)\.ts$/.exec(path)?.[1];
    if (name === undefined || name === 'register') continue;
    const template = TOGETHER[name] ?? name;
    const more = linesOfCode(readFileSync(`${side}/${path}`, 'utf8'));
    lines.set(template, (lines.get(template) ?? 0) + more);
  }
  return lines;
}

test('converted templates, taken together, are shorter than their twins', () => {
  const legacy = templateLines('legacy');
  const converted = templateLines('converted');
  const rows = [...converted].flatMap(([name, lines]) => {
    const twin = legacy.get(name);
    return twin === undefined ? [] : [{ name, twin, lines }];
  });
  const sum = (key: 'twin' | 'lines'): number => rows.reduce((all, row) => all + row[key], 0);
  rows.push({ name: 'together', twin: sum('twin'), lines: sum('lines') });
  const table = rows.map(
    ({ name, twin, lines }) =>
      `${name.padEnd(18)}${String(twin).padStart(7)}${String(lines).padStart(11)}` +
      `${String(Math.round((100 * lines) / twin)).padStart(5)} %`,
  );
  console.log(['lines of code      legacy  converted', ...table].join('\n'));
  expect(rows.length).toBeGreaterThan(10);
  // Both sides have the same builder: what is left to remove is layout work.
  expect(sum('lines')).toBeLessThan(0.65 * sum('twin'));
});

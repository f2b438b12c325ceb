/**
 * The dispute in numbers as a page of Markdown.
 * @module
 */
import type { Comparison } from './compare.ts';
import { type Passes, passLines } from './counting-passes.ts';
import { lifetimeLines } from './lifetimes.ts';
import { LIMITS } from './limits.ts';
import { WAYS } from './ways.ts';

const NS_PER_US = 1000;
const HEAD = [
  ...['way', 'lines', 'allocations', 'entries', 'passes', 'bounces', 'bytes copied', 'us'],
];

/** The page; times are those of the machine that made it. */
export function comparePage(scenarios: readonly Comparison[], passes: Passes): string {
  return [
    '# Scatterlists, iterators, library calls',
    '',
    'Made by `npx sg2iter compare --markdown`. Each user of a kernel does the same operation in three ways, over',
    'the same portable byte kernels: a request with scatterlists (6.1), a request with `iov_iter` (this',
    'conversion), and calls of a library for each piece (7.3). Lines are those of the caller in this model, with',
    'the helpers that it has to write; allocations are of memory of the machine; entries are what is written to',
    'describe memory that was described before; passes are bytes read, as a multiple of the message; bounces',
    'are copies into a buffer on the way and out of it, and bytes copied what goes through it. Times are the',
    'least of many in this simulator: read ratios.',
    ...scenarios.flatMap(sectionOf),
    ...passSection(passes),
    '',
    '## Misuses of memory that are noticed',
    '',
    ...lifetimeLines().map((line) => `- ${line}`),
    '',
    '## What a way cannot express, or only so',
    ...WAYS.flatMap((way) => ['', `### ${way}`, '', ...LIMITS[way].map((limit) => `- ${limit}`)]),
    '',
  ].join('\n');
}

function passSection(passes: Passes): string[] {
  const { id, who, alg, entries, requests } = passes;
  return [
    '',
    `## ${id}: counting passes`,
    '',
    `\`${who}\`: ${alg}, ${entries} bio_vecs of a page in ${requests} requests.`,
    'How many entries each step comes to, and in brackets how often that is the whole list. Scatterlists that',
    'the caller makes are counted; the rows that the iov_iter API lowers its lists to, source and destination',
    'once each, and then works on are not.',
    '',
    '| step | scatterlist | iov_iter |',
    '| --- | ---: | ---: |',
    ...passLines(passes).map((row) => `| ${row.join(' | ')} |`),
  ];
}

function sectionOf({ id, who, alg, bytes, pieces, ways }: Comparison): string[] {
  const rows = WAYS.map((way) => {
    const { lines, allocations, entries, passes, bounces, bytesCopied, ns } = ways[way];
    const us = (ns / NS_PER_US).toFixed(ns < 100 * NS_PER_US ? 1 : 0);
    return `| ${[way, lines, allocations, entries, passes, bounces, bytesCopied, us].join(' | ')} |`;
  });
  return [
    '',
    `## ${id}`,
    '',
    `\`${who}\`: ${alg}, ${bytes} bytes in ${pieces} piece${pieces === 1 ? '' : 's'}`,
    '',
    `| ${HEAD.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(HEAD.length - 1)}`,
    ...rows,
  ];
}

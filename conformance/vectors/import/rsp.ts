/**
 * Reader of the response files of NIST's Cryptographic Algorithm Validation Program.
 *
 * `[Name = value]` sets a parameter for all records below it, `[ENCRYPT]` and `[DECRYPT]` the direction;
 * several parameters are divided by commas. A record is a run of `Name = value` lines that ends at an
 * empty line; a line `FAIL` says that decryption must fail. A record of lengths alone sets parameters
 * too. Comments start with `#`. NTT's files of Camellia have `C No.001 : 07 92 ...` instead.
 * @module
 */

/** One file of records; `path` is for messages and for the names of the vectors. */
export interface RspFile {
  readonly path: string;
  readonly records: readonly RspRecord[];
}

/** One record. The names of parameters and fields are in lower case. */
export interface RspRecord {
  readonly path: string;
  /** Of the record's first field; counts from 1. */
  readonly line: number;
  /** `encrypt`, `decrypt`, or empty when the file has no such section. */
  readonly section: string;
  /** Parameters in brackets that hold for this record. */
  readonly params: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, string>;
  readonly fail: boolean;
}

/** The file is not what the importer understands. The message is one line: file, line, field. */
export class RspError extends Error {
  override readonly name: string = 'RspError';
}

/** Fields that say how long the others are; where they stand alone they hold for what follows. */
const LENGTHS: readonly string[] = ['alen', 'plen', 'nlen', 'tlen'];

function parameter(text: string, path: string, line: number): readonly [string, string] {
  const [, name, value] = /^\s*(\w[\w ]*?)\s*=\s*(\S*)\s*$/.exec(text) ?? [];
  if (name === undefined)
    throw new RspError(`${path}: line ${line}: neither a field nor a section`);
  return [name.toLowerCase(), value];
}

/** @throws RspError at a line that is no part of the format. */
export function parseRsp(path: string, text: string): RspFile {
  const records: RspRecord[] = [];
  let params: ReadonlyMap<string, string> = new Map();
  let section = '';
  let fields = new Map<string, string>();
  let fail = false;
  let first = 0;
  const flush = (): void => {
    const lengths = [...fields.keys()].every((name) => LENGTHS.includes(name));
    if (fields.size > 0 && lengths) params = new Map([...params, ...fields]);
    else if (fields.size > 0) records.push({ path, line: first, section, params, fields, fail });
    fields = new Map();
    fail = false;
  };
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const pair =
      /^(\w+)\s*=\s*(".*"|\S*)$/.exec(line) ?? /^([KPC]) No\.\d+ : ([\dA-F ]+)$/.exec(line);
    if (line === '') flush();
    else if (line.startsWith('#')) continue;
    else if (/^\[(ENCRYPT|DECRYPT)\]$/.test(line)) {
      flush();
      section = line.slice(1, -1).toLowerCase();
    } else if (line === 'FAIL') fail = true;
    else if (line.startsWith('[') && line.endsWith(']')) {
      flush();
      const set = line
        .slice(1, -1)
        .split(',')
        .map((part) => parameter(part, path, index + 1));
      params = new Map([...params, ...set]);
    } else if (pair === null) {
      throw new RspError(`${path}: line ${index + 1}: neither a field nor a section`);
    } else {
      if (fields.size === 0) first = index + 1;
      const value = pair[2].startsWith('"') ? pair[2] : pair[2].replaceAll(' ', '');
      fields.set(pair[1].toLowerCase(), value);
    }
  }
  flush();
  return { path, records };
}

/**
 * The bytes of a field as lower-case hex.
 * @throws RspError when the field is missing, is not hex, or does not have `bits` bits (if given).
 */
export function hexField(record: RspRecord, name: string, bits?: number): string {
  const value = textField(record, name).toLowerCase();
  if (!/^([0-9a-f]{2})*$/.test(value)) throw fieldError(record, name, 'is not hex');
  if (bits !== undefined && value.length * 4 !== bits) {
    throw fieldError(record, name, `has ${value.length * 4} bits, not ${bits}`);
  }
  return value;
}

/** @throws RspError when the field is missing or is not a decimal number. */
export function numberField(record: RspRecord, name: string): number {
  const value = textField(record, name);
  if (!/^\d+$/.test(value)) throw fieldError(record, name, 'is not a number');
  return Number(value);
}

/** @throws RspError when no such parameter stands above the record. */
export function numberParam(record: RspRecord, name: string): number {
  const value = record.params.get(name);
  if (value === undefined || !/^\d+$/.test(value)) {
    throw fieldError(record, `[${name}]`, 'is not a number');
  }
  return Number(value);
}

/** An error about one field of a record, to be thrown by the caller. */
export function fieldError(record: RspRecord, name: string, what: string): RspError {
  return new RspError(`${record.path}: line ${record.line}: field ${name} ${what}`);
}

export function hasField(record: RspRecord, name: string): boolean {
  return record.fields.has(name);
}

/** @throws RspError when the field is missing. */
export function textField(record: RspRecord, name: string): string {
  const value = record.fields.get(name);
  if (value === undefined) throw fieldError(record, name, 'is missing');
  return value;
}

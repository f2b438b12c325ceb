/**
 * What one file may be, so that time and memory are bounded. In Linux 6.1 to 7.3 the largest source
 * file has 24 MB, the largest that is parsed 1.5 MB (crypto/testmgr.h), and none 300 such calls.
 */
export const FILE_LIMITS = {
  bytesRead: 67_108_864,
  bytesParsed: 4_194_304,
  calls: 10_000,
} as const;

/** What the survey cannot see. Printed with every report. */
export const LIMITS: readonly string[] = [
  'Names are static: a list that travels through void *, through a function pointer, or through a' +
    ' structure declared in another header is not traced.',
  'Request members are recognised by declared type or by name in the same file.',
  'Sync or async of the helper files of a driver is that of the driver.',
  'Macro walks (ECB_WALK_*, CBC_WALK_*) count as uses of the macro, not as the calls inside.',
  'Identity comparisons and entry writes are found by variable names; whether a list is the' +
    " caller's is inferred inside one file.",
  'All branches of #if count as live: a conversion has to change them all.',
  'The catalogue knows the names of Linux 6.1, 6.12, 7.2 and 7.3; list functions of the headers' +
    ' that it lacks are reported as uncatalogued.',
  'Hours are a model (half to double), tuned by judgement, good for ranking.',
];

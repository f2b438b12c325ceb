/**
 * A squarified treemap (Bruls, Huizing, van Wijk 2000): rectangles whose areas are proportional to
 * their values and whose sides are as equal as possible. Pure geometry, no drawing.
 */

/** A rectangle in the units of the drawing. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A value with its rectangle. */
export interface Tile<T> {
  readonly item: T;
  readonly rect: Rect;
}

interface Sized<T> {
  readonly item: T;
  readonly area: number;
}

/** Lays `items` out in `rect`, largest first. Items without a positive value get no tile. */
export function layOut<T>(items: readonly T[], value: (item: T) => number, rect: Rect): Tile<T>[] {
  const positive = items.filter((item) => value(item) > 0);
  const total = positive.reduce((sum, item) => sum + value(item), 0);
  const scale = total === 0 ? 0 : (rect.width * rect.height) / total;
  const sized = positive
    .map((item) => ({ item, area: value(item) * scale }))
    .sort((a, b) => b.area - a.area);
  const tiles: Tile<T>[] = [];
  let free = rect;
  let row: Sized<T>[] = [];
  for (const next of sized) {
    const side = Math.min(free.width, free.height);
    if (row.length > 0 && worstRatio([...row, next], side) > worstRatio(row, side)) {
      free = placeRow(row, free, tiles);
      row = [];
    }
    row.push(next);
  }
  if (row.length > 0) placeRow(row, free, tiles);
  return tiles;
}

/** Worst aspect ratio of a row along a side of the given length. */
function worstRatio<T>(row: readonly Sized<T>[], side: number): number {
  const sum = row.reduce((s, r) => s + r.area, 0);
  const areas = row.map((r) => r.area);
  const square = (side * side) / (sum * sum);
  return Math.max(square * Math.max(...areas), 1 / (square * Math.min(...areas)));
}

/** Places a row along the shorter side and returns what is left. */
function placeRow<T>(row: readonly Sized<T>[], free: Rect, tiles: Tile<T>[]): Rect {
  const sum = row.reduce((s, r) => s + r.area, 0);
  const isColumn = free.width >= free.height;
  const depth = isColumn ? sum / free.height : sum / free.width;
  let offset = 0;
  for (const { item, area } of row) {
    const length = area / depth;
    tiles.push({
      item,
      rect: isColumn
        ? { x: free.x, y: free.y + offset, width: depth, height: length }
        : { x: free.x + offset, y: free.y, width: length, height: depth },
    });
    offset += length;
  }
  return isColumn
    ? { ...free, x: free.x + depth, width: free.width - depth }
    : { ...free, y: free.y + depth, height: free.height - depth };
}

;; The kernels that walk lists and work on scratch, over the memory of a machine. All addresses are
;; offsets in it. A row is (offset, length), two words; rows of a list are trusted: whoever fills one
;; keeps it inside the frames. Scratch has 64 bytes of slack, which some loops overwrite.
;;
;; A job is what one operation needs, sixteen words:
;;    0 rows of the source      1 rows of the destination   2 bytes of text      3 its key stream
;;    4 to 7 IV or counter      8 rows of associated data   9 bytes of it       10 rows of the tag
;;   11 bytes of the tag       12 result: 0 when the tag is right
(module
  (import "machine" "memory" (memory 1 65536))

  ;; Copies; the ranges must not overlap. Short ones in steps of 16: memory.copy has 30 ns of fixed cost.
  (func $copy (param $to i32) (param $from i32) (param $len i32) (local $last i32)
    (if (i32.ge_u (local.get $len) (i32.const 512)) (then
      (memory.copy (local.get $to) (local.get $from) (local.get $len))
      (return)))
    (if (i32.ge_u (local.get $len) (i32.const 16)) (then
      (local.set $last (i32.sub (i32.add (local.get $from) (local.get $len)) (i32.const 16)))
      (loop $next
        (v128.store (local.get $to) (v128.load (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br_if $next (i32.lt_u (local.get $from) (local.get $last))))
      ;; The last 16 bytes, some of them a second time.
      (v128.store
        (i32.sub (i32.add (local.get $to) (local.get $last)) (local.get $from))
        (v128.load (local.get $last)))
      (return)))
    (if (i32.ge_u (local.get $len) (i32.const 8)) (then
      (i64.store (local.get $to) (i64.load (local.get $from)))
      (i64.store
        (i32.sub (i32.add (local.get $to) (local.get $len)) (i32.const 8))
        (i64.load (i32.sub (i32.add (local.get $from) (local.get $len)) (i32.const 8))))
      (return)))
    (if (i32.ge_u (local.get $len) (i32.const 4)) (then
      (i32.store (local.get $to) (i32.load (local.get $from)))
      (i32.store
        (i32.sub (i32.add (local.get $to) (local.get $len)) (i32.const 4))
        (i32.load (i32.sub (i32.add (local.get $from) (local.get $len)) (i32.const 4))))
      (return)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $len)))
        (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $len (i32.sub (local.get $len) (i32.const 1)))
        (br $next))))

  ;; `len` bytes from byte `skip` of the first row on, into one run. The rows must hold as many.
  (func $gather (export "gather")
    (param $rows i32) (param $skip i32) (param $to i32) (param $len i32) (local $part i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $len)))
        (local.set $part (i32.sub (i32.load offset=4 (local.get $rows)) (local.get $skip)))
        (if (i32.gt_u (local.get $part) (local.get $len))
          (then (local.set $part (local.get $len))))
        (call $copy
          (local.get $to)
          (i32.add (i32.load (local.get $rows)) (local.get $skip))
          (local.get $part))
        (local.set $to (i32.add (local.get $to) (local.get $part)))
        (local.set $len (i32.sub (local.get $len) (local.get $part)))
        (local.set $rows (i32.add (local.get $rows) (i32.const 8)))
        (local.set $skip (i32.const 0))
        (br $next))))

  ;; The same the other way round.
  (func $scatter (export "scatter")
    (param $rows i32) (param $skip i32) (param $from i32) (param $len i32) (local $part i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $len)))
        (local.set $part (i32.sub (i32.load offset=4 (local.get $rows)) (local.get $skip)))
        (if (i32.gt_u (local.get $part) (local.get $len))
          (then (local.set $part (local.get $len))))
        (call $copy
          (i32.add (i32.load (local.get $rows)) (local.get $skip))
          (local.get $from)
          (local.get $part))
        (local.set $from (i32.add (local.get $from) (local.get $part)))
        (local.set $len (i32.sub (local.get $len) (local.get $part)))
        (local.set $rows (i32.add (local.get $rows) (i32.const 8)))
        (local.set $skip (i32.const 0))
        (br $next))))

  ;; Moves a cursor, (rows, skip) in two words, on by `len` bytes.
  (func (export "advance") (param $cursor i32) (param $len i32)
    (local $rows i32) (local $skip i32)
    (local.set $rows (i32.load (local.get $cursor)))
    (local.set $skip (i32.add (i32.load offset=4 (local.get $cursor)) (local.get $len)))
    (block $done
      (loop $next
        (br_if $done (i32.lt_u (local.get $skip) (i32.load offset=4 (local.get $rows))))
        (local.set $skip (i32.sub (local.get $skip) (i32.load offset=4 (local.get $rows))))
        (local.set $rows (i32.add (local.get $rows) (i32.const 8)))
        ;; At the end the next row may be anything.
        (br_if $next (local.get $skip))))
    (i32.store (local.get $cursor) (local.get $rows))
    (i32.store offset=4 (local.get $cursor) (local.get $skip)))

  ;; XORs `len` bytes, rounded up to 32.
  (func $xor (export "xor") (param $to i32) (param $from i32) (param $len i32) (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $len)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
        (v128.store (local.get $to)
          (v128.xor (v128.load (local.get $to)) (v128.load (local.get $from))))
        (v128.store offset=16 (local.get $to)
          (v128.xor (v128.load offset=16 (local.get $to)) (v128.load offset=16 (local.get $from))))
        (local.set $to (i32.add (local.get $to) (i32.const 32)))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (br $next))))

  ;; Counter blocks of `n` jobs one behind the other at `to`: big-endian 128-bit counters.
  (func (export "counters") (param $job i32) (param $n i32) (param $to i32)
    (local $end i32) (local $last i32) (local $v v128) (local $low i64) (local $high i64)
    (local.set $last (i32.add (local.get $job) (i32.shl (local.get $n) (i32.const 6))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $job) (local.get $last)))
        (i32.store offset=12 (local.get $job) (local.get $to))
        (local.set $v (v128.load offset=16 (local.get $job)))
        (local.set $v (i8x16.shuffle 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8
          (local.get $v) (local.get $v)))
        (local.set $high (i64x2.extract_lane 0 (local.get $v)))
        (local.set $low (i64x2.extract_lane 1 (local.get $v)))
        (local.set $end (i32.add (local.get $to) (i32.and
          (i32.add (i32.load offset=8 (local.get $job)) (i32.const 15))
          (i32.const -16))))
        (block $full
          (loop $block
            (br_if $full (i32.ge_u (local.get $to) (local.get $end)))
            (v128.store (local.get $to)
              (i8x16.shuffle 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8
                (local.get $v) (local.get $v)))
            (local.set $low (i64.add (local.get $low) (i64.const 1)))
            (local.set $v (i64x2.add (local.get $v) (v128.const i64x2 0 1)))
            (if (i64.eqz (local.get $low)) (then
              (local.set $high (i64.add (local.get $high) (i64.const 1)))
              (local.set $v (i64x2.replace_lane 0 (local.get $v) (local.get $high)))))
            (local.set $to (i32.add (local.get $to) (i32.const 16)))
            (br $block)))
        (local.set $job (i32.add (local.get $job) (i32.const 64)))
        (br $next))))

  ;; The same for GCM: a nonce of 12 bytes and a 32-bit counter from 1 on, one block more than the text
  ;; has, because the first masks the tag. Four blocks a step: up to three blocks too many are written.
  (func (export "gcmCounters") (param $job i32) (param $n i32) (param $to i32)
    (local $at i32) (local $end i32) (local $last i32)
    (local $v v128) (local $count v128) (local $big v128)
    (local.set $last (i32.add (local.get $job) (i32.shl (local.get $n) (i32.const 6))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $job) (local.get $last)))
        (i32.store offset=12 (local.get $job) (local.get $to))
        (local.set $v (v128.load offset=16 (local.get $job)))
        (local.set $count (v128.const i32x4 1 2 3 4))
        (local.set $at (local.get $to))
        (local.set $end (i32.add (local.get $to) (i32.and
          (i32.add (i32.load offset=8 (local.get $job)) (i32.const 31))
          (i32.const -16))))
        (loop $block
          (local.set $big (i8x16.shuffle 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12
            (local.get $count) (local.get $count)))
          (v128.store (local.get $at)
            (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 16 17 18 19
              (local.get $v) (local.get $big)))
          (v128.store offset=16 (local.get $at)
            (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 20 21 22 23
              (local.get $v) (local.get $big)))
          (v128.store offset=32 (local.get $at)
            (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 24 25 26 27
              (local.get $v) (local.get $big)))
          (v128.store offset=48 (local.get $at)
            (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 28 29 30 31
              (local.get $v) (local.get $big)))
          (local.set $count (i32x4.add (local.get $count) (i32x4.splat (i32.const 4))))
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (br_if $block (i32.lt_u (local.get $at) (local.get $end))))
        (local.set $to (local.get $end))
        (local.set $job (i32.add (local.get $job) (i32.const 64)))
        (br $next))))

  ;; `n` jobs of a stream cipher: gathered at `text`, XORed with their key streams, scattered.
  (func (export "stream") (param $job i32) (param $n i32) (param $text i32)
    (local $last i32) (local $len i32)
    (local.set $last (i32.add (local.get $job) (i32.shl (local.get $n) (i32.const 6))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $job) (local.get $last)))
        (local.set $len (i32.load offset=8 (local.get $job)))
        (call $gather (i32.load (local.get $job)) (i32.const 0) (local.get $text) (local.get $len))
        (call $xor (local.get $text) (i32.load offset=12 (local.get $job)) (local.get $len))
        (call $scatter (i32.load offset=4 (local.get $job))
          (i32.const 0) (local.get $text) (local.get $len))
        (local.set $job (i32.add (local.get $job) (i32.const 64)))
        (br $next))))

  ;; GHASH of `n` blocks at `at`, begun with zeros. At `tab` 16 tables of 256 products of H, one for each
  ;; byte of a block, then the same for the square of H. Not constant in time.
  (func $ghash (param $tab i32) (param $at i32) (param $n i32) (result v128)
    (local $end i32) (local $v v128) (local $w v128)
    (local $v0 i64) (local $v1 i64) (local $w0 i64) (local $w1 i64)
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $n) (i32.const 4))))
    (if (i32.and (local.get $n) (i32.const 1)) (then
      (local.set $v (v128.load (local.get $at)))
      (local.set $v0 (i64x2.extract_lane 0 (local.get $v)))
      (local.set $v1 (i64x2.extract_lane 1 (local.get $v)))
      (local.set $v
        (v128.xor
         (v128.xor
          (v128.xor
           (v128.xor
            (v128.load offset=0 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shl (local.get $v0) (i64.const 4)) (i64.const 0xff0)))))
            (v128.load offset=4096 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 4)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=8192 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 12)) (i64.const 0xff0)))))
            (v128.load offset=12288 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 20)) (i64.const 0xff0)))))))
          (v128.xor
           (v128.xor
            (v128.load offset=16384 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 28)) (i64.const 0xff0)))))
            (v128.load offset=20480 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 36)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=24576 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 44)) (i64.const 0xff0)))))
            (v128.load offset=28672 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 52)) (i64.const 0xff0))))))))
         (v128.xor
          (v128.xor
           (v128.xor
            (v128.load offset=32768 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shl (local.get $v1) (i64.const 4)) (i64.const 0xff0)))))
            (v128.load offset=36864 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 4)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=40960 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 12)) (i64.const 0xff0)))))
            (v128.load offset=45056 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 20)) (i64.const 0xff0)))))))
          (v128.xor
           (v128.xor
            (v128.load offset=49152 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 28)) (i64.const 0xff0)))))
            (v128.load offset=53248 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 36)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=57344 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 44)) (i64.const 0xff0)))))
            (v128.load offset=61440 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 52)) (i64.const 0xff0))))))))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))))
    ;; Two blocks a step: (y ^ a) H^2 ^ b H.
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $v (v128.xor (local.get $v) (v128.load (local.get $at))))
        (local.set $w (v128.load offset=16 (local.get $at)))
        (local.set $v0 (i64x2.extract_lane 0 (local.get $v)))
        (local.set $v1 (i64x2.extract_lane 1 (local.get $v)))
        (local.set $w0 (i64x2.extract_lane 0 (local.get $w)))
        (local.set $w1 (i64x2.extract_lane 1 (local.get $w)))
        (local.set $v (v128.xor
        (v128.xor
         (v128.xor
          (v128.xor
           (v128.xor
            (v128.load offset=65536 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shl (local.get $v0) (i64.const 4)) (i64.const 0xff0)))))
            (v128.load offset=69632 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 4)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=73728 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 12)) (i64.const 0xff0)))))
            (v128.load offset=77824 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 20)) (i64.const 0xff0)))))))
          (v128.xor
           (v128.xor
            (v128.load offset=81920 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 28)) (i64.const 0xff0)))))
            (v128.load offset=86016 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 36)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=90112 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 44)) (i64.const 0xff0)))))
            (v128.load offset=94208 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v0) (i64.const 52)) (i64.const 0xff0))))))))
         (v128.xor
          (v128.xor
           (v128.xor
            (v128.load offset=98304 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shl (local.get $v1) (i64.const 4)) (i64.const 0xff0)))))
            (v128.load offset=102400 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 4)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=106496 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 12)) (i64.const 0xff0)))))
            (v128.load offset=110592 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 20)) (i64.const 0xff0)))))))
          (v128.xor
           (v128.xor
            (v128.load offset=114688 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 28)) (i64.const 0xff0)))))
            (v128.load offset=118784 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 36)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=122880 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 44)) (i64.const 0xff0)))))
            (v128.load offset=126976 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $v1) (i64.const 52)) (i64.const 0xff0)))))))))
        (v128.xor
         (v128.xor
          (v128.xor
           (v128.xor
            (v128.load offset=0 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shl (local.get $w0) (i64.const 4)) (i64.const 0xff0)))))
            (v128.load offset=4096 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w0) (i64.const 4)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=8192 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w0) (i64.const 12)) (i64.const 0xff0)))))
            (v128.load offset=12288 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w0) (i64.const 20)) (i64.const 0xff0)))))))
          (v128.xor
           (v128.xor
            (v128.load offset=16384 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w0) (i64.const 28)) (i64.const 0xff0)))))
            (v128.load offset=20480 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w0) (i64.const 36)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=24576 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w0) (i64.const 44)) (i64.const 0xff0)))))
            (v128.load offset=28672 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w0) (i64.const 52)) (i64.const 0xff0))))))))
         (v128.xor
          (v128.xor
           (v128.xor
            (v128.load offset=32768 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shl (local.get $w1) (i64.const 4)) (i64.const 0xff0)))))
            (v128.load offset=36864 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w1) (i64.const 4)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=40960 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w1) (i64.const 12)) (i64.const 0xff0)))))
            (v128.load offset=45056 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w1) (i64.const 20)) (i64.const 0xff0)))))))
          (v128.xor
           (v128.xor
            (v128.load offset=49152 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w1) (i64.const 28)) (i64.const 0xff0)))))
            (v128.load offset=53248 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w1) (i64.const 36)) (i64.const 0xff0))))))
           (v128.xor
            (v128.load offset=57344 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w1) (i64.const 44)) (i64.const 0xff0)))))
            (v128.load offset=61440 (i32.add (local.get $tab)
              (i32.wrap_i64 (i64.and (i64.shr_u (local.get $w1) (i64.const 52)) (i64.const 0xff0)))))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (br $next)))
    (local.get $v))

  ;; `n` jobs of GCM. `text` has room in front of it for associated data, and `open` is 1 for decryption:
  ;; then the given tag is gathered and compared, else the computed one is scattered.
  (func (export "gcm")
    (param $job i32) (param $n i32) (param $text i32) (param $tab i32) (param $open i32)
    (local $last i32) (local $len i32) (local $adLen i32) (local $ad i32) (local $end i32)
    (local $stream i32) (local $v v128)
    (local.set $last (i32.add (local.get $job) (i32.shl (local.get $n) (i32.const 6))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $job) (local.get $last)))
        (local.set $len (i32.load offset=8 (local.get $job)))
        (local.set $adLen (i32.load offset=36 (local.get $job)))
        (local.set $stream (i32.load offset=12 (local.get $job)))
        ;; Associated data ends where the text begins, so that one GHASH covers all.
        (local.set $ad (i32.sub (local.get $text) (i32.and
          (i32.add (local.get $adLen) (i32.const 15)) (i32.const -16))))
        (if (local.get $adLen) (then
          (v128.store (i32.sub (local.get $text) (i32.const 16)) (v128.const i64x2 0 0))
          (call $gather (i32.load offset=32 (local.get $job))
            (i32.const 0) (local.get $ad) (local.get $adLen))))
        (call $gather (i32.load (local.get $job))
          (i32.const 0) (local.get $text) (local.get $len))
        (local.set $end (i32.add (local.get $text) (i32.and
          (i32.add (local.get $len) (i32.const 15)) (i32.const -16))))
        (if (i32.eqz (local.get $open)) (then
          (call $xor (local.get $text)
            (i32.add (local.get $stream) (i32.const 16)) (local.get $len))))
        ;; Zeros up to the block, then the lengths in bits, big-endian.
        (v128.store (i32.add (local.get $text) (local.get $len)) (v128.const i64x2 0 0))
        (local.set $v (i64x2.replace_lane 1
          (i64x2.splat (i64.shl (i64.extend_i32_u (local.get $adLen)) (i64.const 3)))
          (i64.shl (i64.extend_i32_u (local.get $len)) (i64.const 3))))
        (v128.store (local.get $end)
          (i8x16.shuffle 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8 (local.get $v) (local.get $v)))
        (local.set $v (v128.xor
          (v128.load (local.get $stream))
          (call $ghash (local.get $tab) (local.get $ad)
            (i32.add (i32.const 1)
              (i32.shr_u (i32.sub (local.get $end) (local.get $ad)) (i32.const 4))))))
        (if (local.get $open) (then
          (call $xor (local.get $text)
            (i32.add (local.get $stream) (i32.const 16)) (local.get $len))))
        (call $scatter (i32.load offset=4 (local.get $job))
          (i32.const 0) (local.get $text) (local.get $len))
        ;; The tag is worked on behind the text.
        (local.set $end (i32.add (local.get $end) (i32.const 64)))
        (if (local.get $open)
          (then
            (v128.store (local.get $end) (local.get $v))
            (call $gather (i32.load offset=40 (local.get $job))
              (i32.const 0) (local.get $end) (i32.load offset=44 (local.get $job)))
            (i32.store offset=48 (local.get $job)
              (v128.any_true (v128.xor (local.get $v) (v128.load (local.get $end))))))
          (else
            (v128.store (local.get $end) (local.get $v))
            (call $scatter (i32.load offset=40 (local.get $job))
              (i32.const 0) (local.get $end) (i32.load offset=44 (local.get $job)))
            (i32.store offset=48 (local.get $job) (i32.const 0))))
        (local.set $job (i32.add (local.get $job) (i32.const 64)))
        (br $next))))

  ;; IVs of `n` data units: the 128-bit little-endian number at `iv` and those behind it.
  (func (export "unitIvs") (param $to i32) (param $iv i32) (param $n i32)
    (local $low i64) (local $high i64) (local $end i32)
    (local.set $low (i64.load (local.get $iv)))
    (local.set $high (i64.load offset=8 (local.get $iv)))
    (local.set $end (i32.add (local.get $to) (i32.shl (local.get $n) (i32.const 4))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
        (i64.store (local.get $to) (local.get $low))
        (i64.store offset=8 (local.get $to) (local.get $high))
        (local.set $low (i64.add (local.get $low) (i64.const 1)))
        (local.set $high (i64.add (local.get $high) (i64.extend_i32_u (i64.eqz (local.get $low)))))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (br $next))))

  ;; Tweaks of `units` data units of `blocks` blocks each, from their encrypted first tweaks at `first`,
  ;; which are left one unit further: what a unit goes on with.
  (func (export "tweaks") (param $to i32) (param $first i32) (param $units i32) (param $blocks i32)
    (local $end i32) (local $low i64) (local $high i64) (local $carry i64)
    (block $done
      (loop $unit
        (br_if $done (i32.eqz (local.get $units)))
        (local.set $low (i64.load (local.get $first)))
        (local.set $high (i64.load offset=8 (local.get $first)))
        (local.set $end
          (i32.add (local.get $to) (i32.shl (local.get $blocks) (i32.const 4))))
        (block $full
          (loop $block
            (br_if $full (i32.ge_u (local.get $to) (local.get $end)))
            (i64.store (local.get $to) (local.get $low))
            (i64.store offset=8 (local.get $to) (local.get $high))
            ;; Times x modulo x^128 + x^7 + x^2 + x + 1, little-endian.
            (local.set $carry
              (i64.and (i64.shr_s (local.get $high) (i64.const 63)) (i64.const 0x87)))
            (local.set $high (i64.or
              (i64.shl (local.get $high) (i64.const 1))
              (i64.shr_u (local.get $low) (i64.const 63))))
            (local.set $low (i64.xor
              (i64.shl (local.get $low) (i64.const 1)) (local.get $carry)))
            (local.set $to (i32.add (local.get $to) (i32.const 16)))
            (br $block)))
        (i64.store (local.get $first) (local.get $low))
        (i64.store offset=8 (local.get $first) (local.get $high))
        (local.set $first (i32.add (local.get $first) (i32.const 16)))
        (local.set $units (i32.sub (local.get $units) (i32.const 1)))
        (br $unit))))
)

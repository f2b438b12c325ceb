// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Known answers at load time. The module may be built against headers of a
 * slightly different release than the kernel that loads it; if a structure
 * has moved, this finds it and the module refuses to load.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oracle.h"

static const struct {
	const char *what, *text, *answer;
} tests[] = {
	{	/* NIST SP 800-38A F.2.1, first block, in odd pieces */
		"skcipher",
		"case 1\nop skcipher\nalg cbc(aes)\n"
		"key 2b7e151628aed2a6abf7158809cf4f3c\n"
		"iv 000102030405060708090a0b0c0d0e0f\nivoff 3\nlen 16\n"
		"put 100 6bc1bee22e409f96e93d7e11\nput 4095 7393172a\n"
		"src 0+100:12 0+4095:4\ndst 2+1:5 | 3+0:11\nend\n",
		"err 0\niv 7649abac8119b246cee98e9b12e9197d\n"
		"out 7649abac8119b246cee98e9b12e9197d\nend\n",
	},
	{	/* FIPS 180-2 B.1: "abc", digest and in two updates */
		"hash",
		"case 3\nop hash\nalg sha256\nlen 3\nput 0 616263\n"
		"src 0+0:1 0+1:2\nend\n",
		"digest ba7816bf8f01cfea414140de5dae2223"
		"b00361a396177a9cb410ff61f20015ad\n",
	},
	{
		"hash",
		"case 4\nop hash\nalg sha256\nfinish finup\nparts 2! 1\n"
		"put 0 616263\nsrc 0+0:1 0+1:2\nend\n",
		"digest ba7816bf8f01cfea414140de5dae2223"
		"b00361a396177a9cb410ff61f20015ad\n",
	},
	{	/* GCM specification, test case 2 */
		"aead",
		"case 5\nop aead\nalg gcm(aes)\n"
		"key 00000000000000000000000000000000\n"
		"iv 000000000000000000000000\nauth 16\nlen 16\n"
		"put 0 00000000000000000000000000000000\n"
		"src 0+0:32\ndst =\nend\n",
		"out 0388dace60b6a392f328c2b971b2fe78"
		"ab6e47d42cec13bdf53a67b21257bddf\n",
	},
	{
		"walk",
		"case 6\nop skcipher\nwalk 16 0 0 16 16\nlen 32\n"
		"src 0+0:16 0+64:16\ndst =\nend\n",
		"steps n16,t32,s0,d0,fF,iv0,r0 n16,t16,s64,d64,fF,iv0,r0\n",
	},
	{
		"bvec",
		"case 7\nop iter\nsrc 0+16:7 1+0:300\ndo advance 10\n"
		"do revert 5\nend\n",
		"t init [c307 o0 n2 i0]\nt advance 10 [c297 o3 n1 i1]\n"
		"t revert 5 = 5 [c302 o5 n2 i0]\n",
	},
	{
		"kvec",
		"case 8\nop iter\ntype kvec\nput 16 0102\n"
		"src 0+16:2 1+0:300\ndo copyfrom 2\nend\n",
		"t copyfrom 2 = 2 0102 [c300 o",
	},
	{
		"scatterlist",
		"case 9\nop sg\nsrc 0+16:7 | 1+0:300\ndo nents\ndo ffwd 9\n"
		"end\n",
		"t nents = 2\nt ffwd 9 = 1+2:298\n",
	},
};

static int run_test(const char *text, const char *answer)
{
	char *copy = kstrdup(text, GFP_KERNEL);
	bool ok;

	if (!copy)
		return -ENOMEM;
	out_reset();
	run_text(copy);
	ok = out_contains(answer);
	out_reset();
	kfree(copy);
	return ok ? 0 : -EINVAL;
}

/* Returns 0, -EINVAL for a wrong answer (named in the log), or -ENOMEM. */
int selftest(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		err = run_test(tests[i].text, tests[i].answer);
		if (err) {
			pr_err("sg2iter: self test %s failed\n", tests[i].what);
			return err;
		}
	}
	return 0;
}

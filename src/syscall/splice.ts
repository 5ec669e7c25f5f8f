/**
 * The vocabulary of splice(2), tee(2) and vmsplice(2): their flags.
 *
 * Data only. Source: splice(2), <bits/fcntl-linux.h>.
 */

// Flags: <bits/fcntl-linux.h>.
export const SPLICE_F_MOVE = 1;
export const SPLICE_F_NONBLOCK = 2;
export const SPLICE_F_MORE = 4;
export const SPLICE_F_GIFT = 8;

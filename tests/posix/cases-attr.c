/* SPDX-License-Identifier: ISC */
/* Cases on attributes: modes, owners, times, extended attributes. */
#include <stddef.h>

#include "cases.h"

const char *const cases_mode[] = {
	"create f 0644; chmod f 0600; stat f mode -> 0600",
	"create f 0644; chmod f 07777; stat f mode -> 7777",
	"create f 0644; chmod f 0; stat f mode -> 0000",
	"mkdir d 0755; chmod d 01777; stat d mode -> 1777",
	"mkdir d 0755; chmod d 02755; stat d mode -> 2755",
	"mkdir d 0755; chmod d 0; stat d mode -> 0000",
	"mknod p p 0644; chmod p 0600; stat p mode,type -> 0600,pipe",
	"mknod s s 0644; chmod s 0600; stat s mode,type -> 0600,socket",
	"create f 0644; symlink f l; chmod l 0600; stat f mode -> 0600; "
	"lstat l mode -> 0777",
	"symlink no l; chmod l 0600 -> ENOENT",
	"create f 0644; stamp f; chmod f 0600; changed f -> c",
	"create f 0644; open 1 f RD; fchmod 1 0640; stat f mode -> 0640",
	"create f 0644; open 1 f RW; fchmod 1 0400; fstat 1 mode -> 0400; "
	"write 1 still -> 5; cat f -> still",
	"create f 0644; u1 chmod f 0600 -> EPERM",
	"create f 0644; chown f U1 0; u1 chmod f 0600; stat f mode -> 0600",
	"create f 0644; chmod f 0666; u1 open 1 f RW; "
	"u1 fchmod 1 0600 -> EPERM",
	"create f 0644; chown f U1 U1; u1 chmod f 02755; "
	"stat f mode -> 2755",
	"create f 0644; chown f U1 0; u1 chmod f 02755; stat f mode -> 0755",
	"create f 0644; chown f U1 U2; u1 chmod f 02755; "
	"stat f mode -> 2755",
	"mkdir d 0755; chown d U1 0; u1 chmod d 02755; stat d mode -> 0755",
	"create f 0644; chown f U1 0; u1 chmod f 04755; stat f mode -> 4755",
	"create f 0644; chown f U1 U1; chmod f 04777; u2 open 1 f WR; "
	"u2 write 1 x; stat f mode -> 0777",
	"create f 0644; chown f U1 U1; chmod f 06777; u2 open 1 f WR; "
	"u2 write 1 x; stat f mode -> 0777",
	"create f 0644; chown f U1 U1; chmod f 06777; u2 open 1 f WR; "
	"u2 pwrite 1 x 100; fstat 1 mode -> 0777",
	"create f 0644; chown f U1 U1; chmod f 06777; u2 open 1 f WR; "
	"modeonly f -> 6777; u2 write 1 x; modeonly f -> 0777",
	"create f 0644; chown f U1 U1; chmod f 06777; u2 open 1 f WR; "
	"u2 ?fallocate 1 0 0 100; modeonly f -> 0777",
	"create f 0644; chown f U1 U1; chmod f 06777; u2 truncate f 9; "
	"modeonly f -> 0777",
	"create f 0644; chown f U1 U1; chmod f 06777; u2 open 1 f WR|TRUNC; "
	"modeonly f -> 0777",
	"create f 0644; chown f U1 U1; chmod f 06777; chown f U2 U2; "
	"modeonly f -> 0777",
	"create f 0644; chown f U1 U1; chmod f 02766; u2 open 1 f WR; "
	"u2 write 1 x; stat f mode -> 2766|0766",
	"create f 0644; chown f U1 U1; chmod f 06777; open 1 f WR; "
	"write 1 x; stat f mode -> 6777",
	"put f hello; chown f U1 U1; chmod f 06777; u2 truncate f 2; "
	"stat f mode -> 0777",
	"put f hello; chown f U1 U1; chmod f 06777; u2 open 1 f WR; "
	"u2 ftruncate 1 2; stat f mode -> 0777",
	"put f hello; chown f U1 U1; chmod f 06777; u2 open 1 f WR|TRUNC; "
	"stat f mode,size -> 0777,0",
	"create f 0644; chown f U1 U1; chmod f 06777; u2 open 1 f WR; "
	"u2 ?fallocate 1 0 0 100; stat f mode -> 0777",
	"put f hello; put g x; chown f U1 U1; chmod f 06777; "
	"u2 open 1 f RW; open 2 g RD; u2 ?copy 2 0 1 0 1; "
	"stat f mode -> 0777",
	"create f 0644; u1 access f r; u1 access f w -> EACCES; "
	"u1 access f x -> EACCES; access f rw",
	"create f 0000; chown f 0 0; access f rw; access f x -> EACCES",
	"create f 0111; u1 access f x; u1 access f r -> EACCES",
	"mkdir d 0000; access d rwx; u1 access d r -> EACCES",
	"create f 0600; chmod f 0060; chown f 0 U2; u1 access f rw; "
	"u2 access f x -> EACCES",
	"create f 0400; chown f U1 0; u1 access f r; u2 access f r -> EACCES",
	"create f 0044; chown f U1 U1; u1 access f r -> EACCES; u2 access f r",
	"access no r -> ENOENT", "create f 0600; u1 open 1 f RD -> EACCES",
	"create f 0644; u1 open 1 f WR -> EACCES",
	"create f 0622; u1 open 1 f RD -> EACCES; u1 open 1 f RW -> EACCES",
	"create f 0644; chmod f 0622; u1 open 1 f WR",
	"create f 0644; chmod f 0060; chown f 0 U2; u1 open 1 f RW",
	"create f 0644; u1 truncate f 0 -> EACCES",
	"create f 0644; u1 open 1 f RD|TRUNC -> EACCES",
	"mkdir d 0700; u1 chdir d -> EACCES",
	"mkdir d 0755; create d/f 0644; u1 open 1 d/f RD; chmod d 0; "
	"u1 read 1 9 -> ''",
	NULL
};

const char *const cases_owner[] = {
	"create f 0644; chown f U1 U2; stat f uid,gid -> 65531,65532",
	"create f 0644; chown f U1 -; stat f uid,gid -> 65531,0",
	"create f 0644; chown f - U2; stat f uid,gid -> 0,65532",
	"create f 0644; chown f - -; stat f uid,gid -> 0,0",
	"mkdir d 0755; chown d U1 U2; stat d uid,gid -> 65531,65532",
	"mknod p p 0644; chown p U1 U2; stat p uid,gid -> 65531,65532",
	"create f 0644; symlink f l; chown l U1 U1; stat f uid -> 65531; "
	"lstat l uid -> 0",
	"create f 0644; symlink f l; lchown l U1 U1; stat f uid -> 0; "
	"lstat l uid,gid -> 65531,65531",
	"symlink no l; chown l U1 U1 -> ENOENT; lchown l U1 U1",
	"create f 0644; open 1 f RD; fchown 1 U1 U2; "
	"stat f uid,gid -> 65531,65532",
	"create f 0644; stamp f; chown f U1 U1; changed f -> c",
	"create f 0644; u1 chown f U1 U1 -> EPERM",
	"create f 0644; chown f U1 U1; u1 chown f U2 U1 -> EPERM",
	"create f 0644; chown f U1 U1; u1 chown f - 0 -> EPERM",
	"create f 0644; chown f U1 U1; u1 chown f - U2; "
	"stat f gid -> 65532",
	"create f 0644; chown f U1 U1; u1 chown f U1 U1",
	"create f 0644; chown f U1 U1; u2 chown f - U2 -> EPERM",
	"create f 0644; chmod f 06755; chown f U1 U1; stat f mode -> 0755",
	"create f 0644; chmod f 06745; chown f U1 U1; "
	"stat f mode -> 2745|0745",
	"create f 0644; chown f U1 U1; chmod f 06755; u1 chown f - U2; "
	"stat f mode -> 0755",
	"mkdir d 0755; chmod d 07755; chown d U1 U1; stat d mode -> 7755",
	"create f 0644; chown f U1 U1; rename f g; stat g uid -> 65531",
	"create f 0644; chown f U1 U1; link f g; chown g U2 U2; "
	"stat f uid -> 65532",
	"create f 0644; chown f 4000000000 4000000001; "
	"stat f uid,gid -> 4000000000,4000000001",
	"create f 0600; chown f U1 U1; u1 open 1 f RW; chown f U2 U2; "
	"u1 write 1 x; u1 open 2 f RD -> EACCES",
	NULL
};

const char *const cases_time[] = {
	"create f 0644; utimens f 1000 2000; stat f atime,mtime -> "
	"1000.000000000,2000.000000000",
	"create f 0644; utimens f 1000.123456789 2000.987654321; "
	"stat f atime,mtime -> 1000.123456789,2000.987654321",
	"create f 0644; utimens f 1000 2000; utimens f - 3000; "
	"stat f atime,mtime -> 1000.000000000,3000.000000000",
	"create f 0644; utimens f 1000 2000; utimens f 3000 -; "
	"stat f atime,mtime -> 3000.000000000,2000.000000000",
	"create f 0644; utimens f 1000 2000; utimens f - -; "
	"stat f atime,mtime -> 1000.000000000,2000.000000000",
	"create f 0644; utimens f 0 0; stat f atime,mtime -> "
	"0.000000000,0.000000000",
	"create f 0644; utimens f 4294967296 4294967297; stat f atime,mtime "
	"-> 4294967296.000000000,4294967297.000000000",
	"create f 0644; utimens f -1 -1000000; stat f mtime -> "
	"-1000000.000000000",
	"create f 0644; utimens f 1000 2000; stamp f; utimens f now now; "
	"changed f -> mc",
	"create f 0644; stamp f; utimens f - 77; changed f -> mc; "
	"stat f mtime -> 77.000000000",
	"create f 0644; open 1 f RD; futimens 1 1000 2000; "
	"stat f atime,mtime -> 1000.000000000,2000.000000000",
	"create f 0644; symlink f l; utimens l 1000 2000; "
	"stat f mtime -> 2000.000000000",
	"symlink no l; lutimens l 1000 2000; lstat l mtime -> "
	"2000.000000000",
	"symlink no l; utimens l 1000 2000 -> ENOENT",
	"mkdir d 0755; utimens d 1000 2000; stat d mtime -> 2000.000000000",
	"mknod p p 0644; utimens p 1000 2000; stat p mtime -> "
	"2000.000000000",
	"mknod s s 0644; utimens s 1000 2000; stat s mtime -> "
	"2000.000000000",
	"create f 0644; u1 utimens f now now -> EACCES",
	"create f 0644; chmod f 0666; u1 utimens f now now",
	"create f 0644; chmod f 0666; u1 utimens f 1 2 -> EPERM",
	"create f 0444; chown f U1 0; u1 utimens f 1 2",
	"create f 0444; chown f U1 0; u1 utimens f now now",
	"create f 0644; stamp f; open 1 f WR; write 1 x; close 1; "
	"changed f -> mc",
	"create f 0644; open 1 f WR; stamp f; pwrite 1 x 100; "
	"changed f -> mc",
	"put f hello; stamp f; truncate f 2; changed f -> mc",
	"put f hello; stamp f; truncate f 99; changed f -> mc",
	"put f hello; open 1 f RW; stamp f; ftruncate 1 1; changed f -> mc",
	"put f hello; stamp f; open 1 f WR|TRUNC; changed f -> mc",
	"put f hello; open 1 f RD; stamp f; read 1 9; changed f -> none",
	"put f hello; stamp f; stat f size; access f r; changed f -> none",
	"create f 0644; open 1 f RW; stamp f; ?fallocate 1 0 0 100; "
	"changed f -> mc",
	"put f hello; open 1 f RW; stamp f; mapwrite 1 J 0; fsync 1; "
	"changed f -> mc",
	"put f hello; utimens f 1000 2000; open 1 f RD; "
	"stat f mtime -> 2000.000000000",
	"put f hello; open 1 f WR; write 1 x; utimens f 1000 2000; close 1; "
	"stat f mtime -> 2000.000000000",
	NULL
};

const char *const cases_xattr[] = {
	"create f 0644; ?setxattr f user.a one; getxattr f user.a -> one",
	"create f 0644; ?setxattr f user.a one; setxattr f user.a two; "
	"getxattr f user.a -> two",
	"create f 0644; ?setxattr f user.a ''; getxattr f user.a -> ''",
	"create f 0644; ?setxattr f user.a one; getxattr f user.b -> "
	"ENODATA",
	"create f 0644; ?setxattr f user.a one; "
	"getxattr f user.a 0 -> 3; getxattr f user.a 2 -> ERANGE",
	"create f 0644; ?setxattr f user.a one create; "
	"setxattr f user.a two create -> EEXIST",
	"create f 0644; ?setxattr f user.a one replace -> ENODATA",
	"create f 0644; ?setxattr f user.a one; "
	"setxattr f user.a two replace; getxattr f user.a -> two",
	"create f 0644; ?setxattr f user.a 1; setxattr f user.b 2; "
	"listxattr f -> user.a,user.b|user.b,user.a",
	"create f 0644; ?setxattr f user.a 1; removexattr f user.a; "
	"listxattr f -> ''; getxattr f user.a -> ENODATA",
	"create f 0644; ?removexattr f user.a -> ENODATA",
	"mkdir d 0755; ?setxattr d user.a one; getxattr d user.a -> one",
	"create f 0644; open 1 f RD; ?fsetxattr 1 user.a one; "
	"fgetxattr 1 user.a -> one; getxattr f user.a -> one",
	"create f 0644; open 1 f RW; ?fsetxattr 1 user.a one; unlink f; "
	"fgetxattr 1 user.a -> one",
	"create f 0644; symlink f l; ?setxattr l user.a one; "
	"getxattr f user.a -> one",
	"symlink no l; lsetxattr l user.a one -> EPERM",
	"mknod p p 0644; setxattr p user.a one -> EPERM",
	"create f 0644; u1 setxattr f user.a one -> EACCES",
	"create f 0600; u1 getxattr f user.a -> EACCES",
	"create f 0644; ?setxattr f trusted.a one; "
	"getxattr f trusted.a -> one",
	"create f 0644; chown f U1 U1; u1 setxattr f trusted.a one -> EPERM",
	"create f 0644; setxattr f nonsense one -> EOPNOTSUPP|ENOTSUP",
	"create f 0644; ?setxattr f user.a {3000}; "
	"getxattr f user.a 0 -> 3000",
	"create f 0644; setxattr f user.{251} one -> ERANGE",
	"create f 0644; ?setxattr f user.{250} one; "
	"getxattr f user.{250} -> one",
	"create f 0644; ?setxattr f user.a one; rename f g; "
	"getxattr g user.a -> one",
	"create f 0644; ?setxattr f user.a one; link f g; "
	"getxattr g user.a -> one",
	"create f 0644; stamp f; ?setxattr f user.a one; changed f -> c", NULL
};

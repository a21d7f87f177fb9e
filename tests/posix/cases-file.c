/* SPDX-License-Identifier: ISC */
/* Cases on open files: opening, data, sizes, locks. */
#include <stddef.h>

#include "cases.h"

const char *const cases_open[] = {
	"open 1 f RW|CREAT 0640; fstat 1 type,mode,size -> file,0640,0",
	"open 1 f RD|CREAT 0644; write 1 x -> EBADF; read 1 9 -> ''",
	"open 1 f WR|CREAT 0644; read 1 9 -> EBADF; write 1 x -> 1",
	"open 1 f RW|CREAT|EXCL 0644; open 2 f RW|CREAT|EXCL 0644 -> EEXIST",
	"put f hello; open 1 f RW|CREAT 0600; read 1 9 -> hello; "
	"fstat 1 mode -> 0644",
	"put f hello; open 1 f RW|TRUNC; fstat 1 size -> 0",
	"put f hello; open 1 f RW|CREAT|TRUNC 0600; "
	"fstat 1 size,mode -> 0,0644",
	"put f hello; open 1 f RD|TRUNC; stat f size -> 0|5",
	"open 1 f RW -> ENOENT",
	"open 1 f RW|CREAT 0; write 1 x -> 1; fstat 1 mode,size -> 0000,1",
	"open 1 f RW|CREAT 0444; write 1 x -> 1; pread 1 1 0 -> x",
	"mkdir d 0777; chmod d 0777; u1 open 1 d/f RW|CREAT 0400; "
	"u1 write 1 x -> 1; u1 open 2 d/f WR -> EACCES",
	"mkdir d 0777; chmod d 0777; u1 open 1 d/f RW|CREAT 0; "
	"u1 write 1 x -> 1; u1 ftruncate 1 0; u1 open 2 d/f RD -> EACCES",
	"mkdir d 0755; u1 open 1 d/f RW|CREAT 0644 -> EACCES",
	"mkdir d 0755; open 1 d WR -> EISDIR",
	"mkdir d 0755; open 1 d RD|CREAT 0644 -> EISDIR",
	"mkdir d 0755; open 1 d RW|TRUNC -> EISDIR",
	"symlink f l; open 1 l RW|CREAT 0644; stat f type -> file",
	"symlink no/f l; open 1 l RW|CREAT 0644 -> ENOENT",
	"put f hello; open 1 f RD; open 2 f RD; read 1 3 -> hel; "
	"read 2 3 -> hel; read 1 9 -> lo",
	"put f hello; open 1 f RD; dup 1 2; read 1 3 -> hel; read 2 9 -> lo",
	"put f hello; open 1 f RD; dup 1 2; close 1; read 2 9 -> hello",
	"put f hello; open 1 f RD; close 1; read 1 9 -> EBADF",
	"put f hello; open 1 f RD|NOFOLLOW; read 1 9 -> hello",
	"put f hello; open 1 f PATH; read 1 9 -> EBADF; "
	"fstat 1 size -> 5",
	"put f hello; open 1 f RD|NOATIME; read 1 9 -> hello",
	"put f hello; chmod f 0666; u1 open 1 f RD|NOATIME -> EPERM",
	"put f hello; open 1 f RW|SYNC; write 1 J -> 1; cat f -> Jello",
	"put f hello; open 1 f RD|NONBLOCK; read 1 9 -> hello",
	"put f hello; open 1 f RD; ioctl 1 -> ENOTTY",
	"?open 1 . RW|TMPFILE 0600; write 1 x -> 1; fstat 1 nlink -> 0",
	"put f hello; open 1 f RW; put f other; read 1 9 -> other",
	"put f hello; open 1 f RD; rename f g; read 1 9 -> hello; "
	"fstat 1 nlink -> 1",
	"put f hello; open 1 f RW; chmod f 0; write 1 J -> 1; "
	"pread 1 9 0 -> Jello; ftruncate 1 3; fstat 1 size -> 3",
	"put f hello; B: open 1 f RW; B: write 1 HE -> 2; cat f -> HEllo; "
	"B: close 1",
	NULL
};

const char *const cases_data[] = {
	"open 1 f RW|CREAT 0644; write 1 hello -> 5; pread 1 9 0 -> hello",
	"open 1 f RW|CREAT 0644; write 1 hello; lseek 1 1 set -> 1; "
	"read 1 3 -> ell",
	"open 1 f RW|CREAT 0644; pwrite 1 hello 10 -> 5; "
	"pread 1 99 0 -> ..........hello; fstat 1 size -> 15",
	"put f hello; open 1 f RD; pread 1 9 5 -> ''; pread 1 9 99 -> ''; "
	"pread 1 0 0 -> ''",
	"put f hello; open 1 f RD; pread 1 9 -1 -> EINVAL",
	"put f hello; open 1 f RW; pwrite 1 x -1 -> EINVAL",
	"put f hello; open 1 f RW; write 1 '' -> 0; fstat 1 size -> 5",
	"put f hello; open 1 f RW; pwrite 1 x 1 -> 1; cat f -> hxllo",
	"put f hello; open 1 f WR|APPEND; write 1 more -> 4; "
	"cat f -> hellomore",
	"put f hello; open 1 f RW|APPEND; pwrite 1 more 0 -> 4; "
	"cat f -> hellomore",
	"put f hello; open 1 f RW|APPEND; lseek 1 0 set; write 1 more; "
	"lseek 1 0 cur -> 9; cat f -> hellomore",
	"put f hello; open 1 f WR|APPEND; put f x; write 1 y; cat f -> xy",
	"put f hello; open 1 f WR|APPEND; open 2 f WR|APPEND; write 1 a; "
	"write 2 b; write 1 c; cat f -> helloabc",
	"put f hello; open 1 f WR|APPEND; ftruncate 1 2; write 1 x; "
	"cat f -> hex",
	"put f hello; open 1 f WR; append 1 on; write 1 x; cat f -> hellox",
	"put f hello; open 1 f WR|APPEND; append 1 off; pwrite 1 x 0; "
	"cat f -> xello",
	"put f hello; open 1 f WR|APPEND; append 1 off; pwrite 1 x 0; "
	"append 1 on; write 1 y; cat f -> xelloy",
	"put f hello; B: open 1 f WR|APPEND; open 1 f WR|APPEND; write 1 a; "
	"B: write 1 b; write 1 c; cat f -> helloabc",
	"put f hello; lseek 1 0 set -> EBADF",
	"put f hello; open 1 f RD; lseek 1 -1 set -> EINVAL",
	"put f hello; open 1 f RD; lseek 1 0 end -> 5; lseek 1 -2 cur -> 3; "
	"read 1 9 -> lo",
	"put f hello; open 1 f RD; lseek 1 10 end -> 15; read 1 9 -> ''",
	"put f hello; open 1 f RD; lseek 1 5 data -> ENXIO; "
	"lseek 1 0 hole -> 5",
	"put f hello; open 1 f RD; lseek 1 0 data -> 0; "
	"lseek 1 99 hole -> ENXIO",
	"open 1 f RW|CREAT 0644; pwrite 1 x 1m; lseek 1 0 data -> 1048576; "
	"lseek 1 0 hole -> 0; stat f holes -> yes",
	"open 1 f RW|CREAT 0644; pwrite 1 x 4g -> 1; "
	"fstat 1 size -> 4294967297; pread 1 9 4g -> x",
	"open 1 f RW|CREAT 0644; pwrite 1 {8000} 0 -> 8000; "
	"pread 1 3 7998 -> xx",
	"put f hello; open 1 f RW; mapread 1 5 0 -> hello",
	"put f hello; open 1 f RW; mapwrite 1 J 0; cat f -> Jello; "
	"pread 1 9 0 -> Jello",
	"put f hello; open 1 f RW|APPEND; mapwrite 1 J 0; fsync 1; "
	"write 1 more; cat f -> Jellomore",
	"put f hello; open 1 f RW; mapread 1 5 0; pwrite 1 J 0; "
	"mapread 1 5 0 -> Jello",
	"put f hello; open 1 f RD; mapwrite 1 J 0 -> EACCES",
	"put f hello; open 1 f RW; mapwrite 1 J 0; unlink f; "
	"mapread 1 5 0 -> Jello",
	"put f hello; open 1 f RW; fsync 1; fdatasync 1; write 1 x; fsync 1",
	"put f hello; open 1 f RD; fsync 1",
	"put f abcdef; open 1 f RD; open 2 g RW|CREAT 0644; "
	"?copy 1 1 2 0 3 -> 3; cat g -> bcd",
	"put f abcdef; open 1 f RD; open 2 g RW|CREAT 0644; "
	"?copy 1 4 2 2 99 -> 2; cat g -> ..ef",
	"put f abcdef; open 1 f RD; open 2 g RW|CREAT 0644; "
	"?copy 1 99 2 0 5 -> 0; stat g size -> 0",
	"put f abcdef; open 1 f RW; ?copy 1 0 1 6 6 -> 6; "
	"cat f -> abcdefabcdef",
	"put f abcdef; open 1 f RW; copy 1 0 1 2 4 -> EINVAL",
	"put f abc; open 1 f WR; open 2 g RW|CREAT 0644; "
	"copy 1 0 2 0 3 -> EBADF",
	"put f abc; open 1 f RD; put g x; open 2 g RD; "
	"copy 1 0 2 0 3 -> EBADF",
	"put f abc; open 1 f RD; open 2 g WR|CREAT|APPEND 0644; "
	"copy 1 0 2 0 3 -> EBADF",
	"put f abc; mkdir d 0755; open 1 f RW; open 2 d RD; "
	"copy 2 0 1 0 3 -> EISDIR",
	"put f hello; open 1 f RW|DIRECT; fstat 1 size -> 5", NULL
};

const char *const cases_size[] = { "put f hello; truncate f 2; cat f -> he",
	"put f hello; truncate f 8; cat f -> hello...",
	"put f hello; truncate f 5; cat f -> hello",
	"put f hello; truncate f 0; stat f size -> 0",
	"put f hello; truncate f 2; truncate f 5; cat f -> he...",
	"put f hello; truncate f -1 -> EINVAL",
	"mkdir d 0755; truncate d 0 -> EISDIR", "truncate no 0 -> ENOENT",
	"create f 0644; truncate f 8g; stat f size,holes -> 8589934592,yes",
	"put f hello; symlink f l; truncate l 1; cat f -> h",
	"create f 0444; chown f U1 U1; u1 truncate f 0 -> EACCES",
	"put f hello; open 1 f RW; ftruncate 1 2; cat f -> he",
	"put f hello; open 1 f WR; ftruncate 1 8; cat f -> hello...",
	"put f helloworld; open 1 f RW; ftruncate 1 5; write 1 J -> 1; "
	"pread 1 9 0 -> Jello; fstat 1 size -> 5; cat f -> Jello",
	"put f hello; open 1 f RD; ftruncate 1 2 -> EINVAL; cat f -> hello",
	"put f hello; open 1 f RW; ftruncate 1 -1 -> EINVAL",
	"put f hello; open 1 f RW; lseek 1 4 set; ftruncate 1 1; write 1 x; "
	"cat f -> h...x",
	"put f hello; open 1 f RW; unlink f; ftruncate 1 1; "
	"pread 1 9 0 -> h",
	"put f hello; open 1 f RW; chmod f 0; ftruncate 1 1; "
	"fstat 1 size -> 1",
	"open 1 f RW|CREAT 0400; write 1 hello; ftruncate 1 2; "
	"stat f size,mode -> 2,0400",
	"open 1 f RW|CREAT 0; write 1 hello; ftruncate 1 2; fchmod 1 0400; "
	"cat f -> he",
	"open 1 f RW|CREAT 0200; write 1 hello; pread 1 9 0 -> hello; "
	"fsync 1; futimens 1 7 8; stat f mtime -> 8.000000000",
	"put f hello; open 1 f RW|APPEND; ftruncate 1 1; "
	"fstat 1 size -> 1",
	"mkdir d 0777; chmod d 0777; u1 open 1 d/f RW|CREAT 0400; "
	"u1 write 1 hello; u1 ftruncate 1 2; stat d/f size -> 2",
	"put f hello; open 1 f RD; open 2 f RW; ftruncate 2 2; "
	"read 1 9 -> he; fstat 1 size -> 2",
	"put f hello; B: open 1 f RW; truncate f 1; B: fstat 1 size -> 1; "
	"B: ftruncate 1 3; cat f -> h..",
	"open 1 f RW|CREAT 0644; ?fallocate 1 0 0 100; fstat 1 size -> 100",
	"put f hello; open 1 f RW; ?fallocate 1 0 0 3; cat f -> hello",
	"put f hello; open 1 f RW; ?fallocate 1 0 3 10; cat f -> "
	"hello........",
	"put f hello; open 1 f RW; ?fallocate 1 1 0 100; "
	"fstat 1 size -> 5",
	"put f hello; open 1 f RW; ?fallocate 1 3 1 2; cat f -> h..lo",
	"put f hello; open 1 f RW; fallocate 1 2 1 2 -> EOPNOTSUPP|ENOTSUP",
	"put f hello; open 1 f RW; ?fallocate 1 0x10 1 2; cat f -> h..lo",
	"put f hello; open 1 f RD; fallocate 1 0 0 10 -> EBADF",
	"put f hello; open 1 f RW; fallocate 1 0 0 0 -> EINVAL",
	"put f hello; open 1 f RW; fallocate 1 0 -1 10 -> EINVAL",
	"mkdir d 0755; open 1 d RD; fallocate 1 0 0 10 -> EBADF|EISDIR",
	NULL };

const char *const cases_lock[] = {
	"create f 0644; open 1 f RW; flock 1 ex; flock 1 ex; flock 1 un",
	"create f 0644; open 1 f RW; open 2 f RW; flock 1 ex; "
	"flock 2 ex -> EAGAIN; flock 1 un; flock 2 ex",
	"create f 0644; open 1 f RW; open 2 f RW; flock 1 sh; flock 2 sh; "
	"flock 1 ex -> EAGAIN; flock 2 un; flock 1 ex",
	"create f 0644; open 1 f RD; flock 1 ex; B: open 1 f RD; "
	"B: flock 1 sh -> EAGAIN; close 1; B: flock 1 sh wait",
	"create f 0644; open 1 f RW; dup 1 2; flock 1 ex; flock 2 ex; "
	"close 1; B: open 1 f RW; B: flock 1 ex -> EAGAIN; close 2; "
	"B: flock 1 ex wait",
	"create f 0644; open 1 f RW; flock 1 ex; unlink f; "
	"open 2 f RW|CREAT 0644; flock 2 ex",
	"create f 0644; open 1 f RW; flock 1 ex; flock 1 sh; "
	"B: open 1 f RW; B: flock 1 sh",
	"create f 0644; open 1 f RW; lock 1 w 0 10; lock 1 w 5 10; "
	"lock 1 u 0 0",
	"create f 0644; open 1 f RW; open 2 f RW; lock 1 w 0 10; "
	"lock 2 w 0 10; getlock 2 w 0 10 -> free",
	"create f 0644; open 1 f RW; lock 1 w 0 10; B: open 1 f RW; "
	"B: lock 1 w 5 1 -> EAGAIN|EACCES; B: lock 1 w 10 1; "
	"lock 1 u 0 10; B: lock 1 w 5 1",
	"create f 0644; open 1 f RW; lock 1 w 10 5; B: open 1 f RW; "
	"B: getlock 1 w 0 0 -> w,10,5",
	"create f 0644; open 1 f RW; lock 1 r 10 5; B: open 1 f RW; "
	"B: getlock 1 r 0 0 -> free; B: getlock 1 w 0 0 -> r,10,5",
	"create f 0644; open 1 f RW; lock 1 r 0 0; B: open 1 f RW; "
	"B: lock 1 r 0 0; lock 1 w 0 0 -> EAGAIN|EACCES; "
	"getlock 1 w 0 0 -> r,0,0",
	"create f 0644; open 1 f RW; lock 1 w 0 100; lock 1 u 40 20; "
	"B: open 1 f RW; B: lock 1 w 45 5; "
	"B: getlock 1 w 0 40 -> w,0,40; B: getlock 1 w 50 50 -> w,60,40",
	"create f 0644; open 1 f RW; lock 1 w 0 10; lock 1 r 2 2; "
	"B: open 1 f RW; B: lock 1 r 2 2; "
	"B: lock 1 r 4 1 -> EAGAIN|EACCES",
	"create f 0644; open 1 f RW; open 2 f RW; lock 1 w 0 10; close 2; "
	"B: open 1 f RW; B: lock 1 w 0 10",
	"create f 0644; open 1 f RW; lock 1 w 0 10; close 1; "
	"B: open 1 f RW; B: lock 1 w 0 10",
	"create f 0644; open 1 f RD; lock 1 w 0 10 -> EBADF; lock 1 r 0 10",
	"create f 0644; open 1 f WR; lock 1 r 0 10 -> EBADF; lock 1 w 0 10",
	"create f 0644; open 1 f RD; open 2 f WR; lock 1 r 0 10; "
	"lock 2 w 0 10; B: open 1 f RW; B: getlock 1 r 0 0 -> w,0,10",
	"create f 0644; open 1 f RW; lock 1 w 0 0; lock 1 w 0 0; "
	"B: open 1 f RW; B: lock 1 w 9223372036854775806 1 -> "
	"EAGAIN|EACCES",
	"create f 0644; open 1 f RW; lock 1 w -1 1 -> EINVAL",
	"create f 0644; open 1 f RW; lock 1 w 0 10; chmod f 0; "
	"lock 1 u 0 10; lock 1 w 5 5",
	"create f 0644; open 1 f RW; lock 1 w 0 10; rename f g; "
	"B: open 1 g RW; B: lock 1 w 0 1 -> EAGAIN|EACCES",
	"create f 0644; open 1 f RW; unlink f; lock 1 w 0 10; lock 1 u 0 0",
	"create f 0644; open 1 f RW; flock 1 ex; B: open 1 f RW; "
	"B: lock 1 w 0 0",
	NULL
};

const struct section sections[] = { { "make", cases_make },
	{ "remove", cases_remove }, { "rename", cases_rename },
	{ "link", cases_link }, { "dir", cases_dir }, { "mode", cases_mode },
	{ "owner", cases_owner }, { "time", cases_time },
	{ "open", cases_open }, { "data", cases_data }, { "size", cases_size },
	{ "lock", cases_lock }, { "xattr", cases_xattr }, { NULL, NULL } };

/* SPDX-License-Identifier: ISC */
/* Cases on names: making, removing, renaming, linking, listing. */
#include <stddef.h>

#include "cases.h"

const char *const path_operations[] = { "create % 0644", "mkdir % 0755",
	"mknod % p 0644", "mknod % s 0644", "symlink t %", "link ok %",
	"rename ok %", "rename okd %", "unlink %", "rmdir %", "readlink %",
	"rename % new", "rename % new exchange", "rename ok % noreplace",
	"link % new", "stat % type", "lstat % type", "open 1 % RD",
	"open 1 % RW", "open 1 % WR|CREAT 0644", "open 1 % RD|DIRECTORY",
	"ls %", "chmod % 0600", "utimens % now now", "truncate % 0",
	"access % r", "statfs %", "setxattr % user.a b", "getxattr % user.a",
	"listxattr %", "removexattr % user.a", "chdir %", NULL };

#define OK "create ok 0644; mkdir okd 0755; "

const char *const path_settings[] = { "f/x: " OK "create f 0644; % -> ENOTDIR",
	"f/x/y: " OK "create f 0644; % -> ENOTDIR", "no/x: " OK "% -> ENOENT",
	"no/x/y: " OK "% -> ENOENT", "{256}: " OK "% -> ENAMETOOLONG",
	"{256}/x: " OK "% -> ENAMETOOLONG",
	"a/x: " OK "symlink b a; symlink a b; % -> ELOOP",
	"d/x: " OK "mkdir d 0700; u1 % -> EACCES",
	"l/x: " OK "symlink no l; % -> ENOENT",
	"l/x: " OK "create f 0644; symlink f l; % -> ENOTDIR", NULL };

#undef OK

const char *const cases_make[] = {
	"create f 0644; stat f type,mode,nlink,size -> file,0644,1,0",
	"create f 0777; stat f mode -> 0755",
	"umask 0; create f 0777; stat f mode -> 0777",
	"umask 077; create f 0777; stat f mode -> 0700",
	"umask 0777; create f 0666; stat f mode -> 0000",
	"umask 0; create f 07777; stat f mode -> 7777|6777",
	"create f 0000; stat f mode,size -> 0000,0",
	"create f 0444; stat f mode -> 0444",
	"create f 0644; create f 0644 -> EEXIST",
	"mkdir f 0755; create f 0644 -> EEXIST",
	"symlink no f; create f 0644 -> EEXIST",
	"mknod f p 0644; create f 0644 -> EEXIST",
	"create {255} 0644; stat {255} type -> file",
	"create {255} 0644; ls . -> "
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"mkdir d 0755; stamp d; create d/f 0644; changed d -> mc",
	"mkdir d 0755; u1 create d/f 0644 -> EACCES",
	"mkdir d 0777; chmod d 0777; u1 create d/f 0644; "
	"stat d/f uid,gid -> 65531,65531",
	"mkdir d 0777; chmod d 0777; u1 umask 027; u1 create d/f 0666; "
	"stat d/f mode -> 0640",
	"mkdir d 0777; chmod d 02777; chown d 0 U2; chmod d 02777; "
	"u1 create d/f 0644; stat d/f uid,gid -> 65531,65532",
	"mkdir d 0755; stat d type,mode,nlink -> dir,0755,2|dir,0755,1",
	"mkdir d 0777; stat d mode -> 0755",
	"umask 0; mkdir d 0777; stat d mode -> 0777",
	"umask 077; mkdir d 0777; stat d mode -> 0700",
	"umask 0; mkdir d 01777; stat d mode -> 1777",
	"mkdir d 0755; ls d -> ''", "mkdir d 0755; mkdir d 0755 -> EEXIST",
	"create d 0644; mkdir d 0755 -> EEXIST",
	"symlink no d; mkdir d 0755 -> EEXIST",
	"mkdir d 0755; mkdir d/e 0755; stat d nlink -> 3|1",
	"mkdir d 0755; stamp d; mkdir d/e 0755; changed d -> mc",
	"mkdir d 0755; u1 mkdir d/e 0755 -> EACCES",
	"mkdir d 0777; chmod d 0777; u1 mkdir d/e 0755; "
	"stat d/e uid,gid -> 65531,65531",
	"mkdir d 0777; chown d 0 U2; chmod d 02777; u1 mkdir d/e 0755; "
	"stat d/e gid,mode -> 65532,2755",
	"mkdir {255} 0755; stat {255} type -> dir", "mkdir d/. 0755 -> ENOENT",
	"mkdir d 0755; mkdir d/. 0755 -> EEXIST",
	"mkdir d 0755; mkdir d/.. 0755 -> EEXIST",
	"mkdir d/ 0755; stat d type -> dir",
	"mknod p p 0644; stat p type,mode -> pipe,0644",
	"mknod p p 0666; stat p mode -> 0644",
	"mknod s s 0644; stat s type,mode -> socket,0644",
	"mknod r f 0644; stat r type,mode,size -> file,0644,0",
	"mknod p p 0644; mknod p p 0644 -> EEXIST",
	"create p 0644; mknod p p 0644 -> EEXIST",
	"mkdir d 0755; u1 mknod d/p p 0644 -> EACCES",
	"mkdir d 0777; chmod d 0777; u1 mknod d/p p 0644; "
	"stat d/p uid,gid -> 65531,65531",
	"mkdir d 0777; chmod d 0777; u1 mknod d/c c 0644 1 3 -> EPERM",
	"mkdir d 0777; chmod d 0777; u1 mknod d/b b 0644 1 3 -> EPERM",
	"mkdir d 0755; stamp d; mknod d/p p 0644; changed d -> mc",
	"mknod c c 0600 1 3; chown c U1 0; stat c type,rdev -> char,1:3",
	"mknod b b 0600 7 200; chown b U1 0; stat b type,rdev -> block,7:200",
	"mknod c c 0600 255 65537; chown c 0 0; stat c rdev -> 255:65537",
	"mknod p p 0644; open 1 p RD|NONBLOCK; open 2 p WR|NONBLOCK; "
	"write 2 hello -> 5; read 1 9 -> hello",
	"mknod p p 0644; open 1 p WR|NONBLOCK -> ENXIO",
	"mknod s s 0644; open 1 s RD -> ENXIO", NULL
};

const char *const cases_remove[] = {
	"create f 0644; unlink f; stat f type -> ENOENT",
	"mkdir d 0755; unlink d -> EISDIR|EPERM",
	"symlink no l; unlink l; lstat l type -> ENOENT",
	"create f 0644; symlink f l; unlink l; stat f type -> file",
	"mknod p p 0644; unlink p; lstat p type -> ENOENT",
	"mknod s s 0644; unlink s; lstat s type -> ENOENT",
	"create f 0644; link f g; unlink f; stat g nlink -> 1",
	"create f 0644; link f g; stamp f; unlink g; changed f -> c",
	"mkdir d 0755; create d/f 0644; stamp d; unlink d/f; "
	"changed d -> mc",
	"mkdir d 0755; create d/f 0666; u1 unlink d/f -> EACCES",
	"mkdir d 0777; chmod d 01777; create d/f 0666; u1 unlink d/f -> "
	"EPERM|EACCES",
	"mkdir d 0777; chmod d 01777; create d/f 0644; chown d/f U1 0; "
	"u1 unlink d/f",
	"mkdir d 0777; chmod d 01777; chown d U1 0; create d/f 0644; "
	"u1 unlink d/f",
	"mkdir d 0777; chmod d 0777; create d/f 0600; u1 unlink d/f",
	"put f hello; open 1 f RW; unlink f; pread 1 9 0 -> hello; "
	"pwrite 1 J 0; pread 1 9 0 -> Jello; fstat 1 nlink,size -> 0,5",
	"put f hello; open 1 f RW; unlink f; ftruncate 1 2; "
	"fstat 1 size -> 2; fchmod 1 0600; fstat 1 mode -> 0600",
	"put f hello; open 1 f RD; unlink f; put f other; "
	"pread 1 9 0 -> hello; cat f -> other",
	"put f hello; B: open 1 f RW; unlink f; B: pread 1 9 0 -> hello; "
	"stat f type -> ENOENT",
	"create f 0644; unlink f; create f 0600; stat f mode -> 0600",
	"unlink f -> ENOENT", "create f 0644; unlink f/ -> ENOTDIR",
	"mkdir d 0755; rmdir d; stat d type -> ENOENT",
	"mkdir d 0755; create d/f 0644; rmdir d -> ENOTEMPTY|EEXIST",
	"mkdir d 0755; mkdir d/e 0755; rmdir d -> ENOTEMPTY|EEXIST",
	"mkdir d 0755; symlink no d/l; rmdir d -> ENOTEMPTY|EEXIST",
	"create f 0644; rmdir f -> ENOTDIR",
	"mkdir d 0755; symlink d l; rmdir l -> ENOTDIR",
	"mknod p p 0644; rmdir p -> ENOTDIR",
	"mkdir d 0755; rmdir d/. -> EINVAL",
	"mkdir d 0755; mkdir d/e 0755; rmdir d/e/.. -> ENOTEMPTY|EEXIST",
	"mkdir d 0755; rmdir d/; stat d type -> ENOENT",
	"mkdir d 0755; mkdir d/e 0755; rmdir d/e; stat d nlink -> 2|1",
	"mkdir d 0755; mkdir d/e 0755; stamp d; rmdir d/e; changed d -> mc",
	"mkdir d 0755; mkdir d/e 0777; u1 rmdir d/e -> EACCES",
	"mkdir d 0777; chmod d 01777; mkdir d/e 0777; u1 rmdir d/e -> "
	"EPERM|EACCES",
	"mkdir d 0777; chmod d 01777; mkdir d/e 0755; chown d/e U1 0; "
	"u1 rmdir d/e",
	"mkdir d 0755; opendir d; rmdir d; readrest -> 0; closedir",
	"mkdir d 0755; open 1 d RD; rmdir d; fstat 1 type -> dir",
	"mkdir d 0755; chdir d; rmdir ../d; create f 0644 -> ENOENT",
	"rmdir d -> ENOENT", NULL
};

const char *const cases_rename[] = {
	"put a one; rename a b; cat b -> one; stat a type -> ENOENT",
	"put a one; put b two; rename a b; cat b -> one",
	"put a one; put b two; rename a b; ls . -> b",
	"put a one; open 1 a RW; rename a b; pwrite 1 O 0; cat b -> One",
	"put a one; put b two; open 1 b RD; rename a b; "
	"pread 1 9 0 -> two; fstat 1 nlink -> 0",
	"put a one; link a b; rename a b; ls . -> a,b",
	"put a one; rename a a; cat a -> one",
	"mkdir a 0755; create a/f 0644; rename a b; ls b -> f",
	"mkdir a 0755; mkdir b 0755; create a/f 0644; rename a b; ls b -> f",
	"mkdir a 0755; mkdir b 0755; create b/f 0644; rename a b -> "
	"ENOTEMPTY|EEXIST",
	"mkdir a 0755; create b 0644; rename a b -> ENOTDIR",
	"create a 0644; mkdir b 0755; rename a b -> EISDIR",
	"symlink no a; rename a b; readlink b -> no",
	"put a one; symlink a l; rename l b; readlink b -> a; cat a -> one",
	"put a one; symlink no b; rename a b; cat b -> one",
	"mknod a p 0644; rename a b; stat b type -> pipe",
	"mknod a s 0644; rename a b; stat b type -> socket",
	"rename a b -> ENOENT", "mkdir a 0755; rename a a/b -> EINVAL",
	"mkdir a 0755; mkdir a/b 0755; rename a a/b/c -> EINVAL",
	"mkdir a 0755; mkdir a/b 0755; rename a/b a -> ENOTEMPTY|EEXIST",
	"mkdir a 0755; rename a/. b -> EBUSY|EINVAL",
	"mkdir a 0755; rename a/.. b -> EBUSY|EINVAL|ENOTEMPTY",
	"mkdir d 0755; mkdir e 0755; put d/f x; rename d/f e/g; "
	"ls d -> ''; cat e/g -> x",
	"mkdir d 0755; mkdir e 0755; mkdir d/s 0755; rename d/s e/s; "
	"stat d nlink -> 2|1; stat e nlink -> 3|1",
	"mkdir d 0755; mkdir e 0755; mkdir d/s 0755; create d/s/f 0644; "
	"open 1 d/s RD; rename d/s e/t; ls e/t -> f; stat e/t/.. type "
	"-> dir; same e/t/.. e -> yes",
	"mkdir d 0755; create d/f 0644; mkdir e 0755; stamp d; "
	"rename d/f e/f; changed d -> mc",
	"mkdir d 0755; create f 0644; stamp d; rename f d/f; changed d -> mc",
	"create a 0644; stamp a; rename a b; changed b -> c|none",
	"mkdir d 0755; create d/a 0666; u1 rename d/a d/b -> EACCES",
	"mkdir d 0777; chmod d 01777; create d/a 0666; u1 rename d/a d/b -> "
	"EPERM|EACCES",
	"mkdir d 0777; chmod d 01777; create d/a 0666; chown d/a U1 0; "
	"u1 rename d/a d/b",
	"mkdir d 0777; chmod d 01777; create d/a 0666; create d/b 0666; "
	"chown d/a U1 0; u1 rename d/a d/b -> EPERM|EACCES",
	"mkdir d 0777; chmod d 0777; mkdir e 0755; create d/a 0666; "
	"u1 rename d/a e/a -> EACCES",
	"put a one; put b two; ?rename a b noreplace -> EEXIST; "
	"cat a -> one; cat b -> two",
	"put a one; ?rename a b noreplace; cat b -> one",
	"put a one; put b two; ?rename a b exchange; cat a -> two; "
	"cat b -> one",
	"put a one; mkdir b 0755; ?rename a b exchange; stat a type -> dir; "
	"cat b -> one",
	"mkdir a 0755; mkdir b 0755; create a/f 0644; "
	"?rename a b exchange; ls b -> f; ls a -> ''",
	"put a one; ?rename a b exchange -> ENOENT",
	"put a one; rename a b 3 -> EINVAL",
	"put a one; rename a b 8 -> EINVAL",
	"mkdir a 0755; create a/{255} 0644; rename a/{255} b; "
	"stat b type -> file",
	"create a 0644; rename a {255}; stat {255} type -> file",
	"create a 0644; rename a {256} -> ENAMETOOLONG",
	"put a one; B: open 1 a RD; rename a b; B: pread 1 9 0 -> one; "
	"B: cat b -> one; B: stat a type -> ENOENT",
	"create a 0644; rename a b/ -> ENOTDIR|ENOENT",
	"mkdir a 0755; rename a b/; stat b type -> dir", NULL
};

const char *const cases_link[] = {
	"put a one; link a b; cat b -> one; stat a nlink -> 2; "
	"same a b -> yes",
	"put a one; link a b; link b c; stat a nlink -> 3",
	"put a one; link a b; put b two; cat a -> two",
	"put a one; link a b; chmod a 0600; stat b mode -> 0600",
	"put a one; link a b; truncate b 1; stat a size -> 1",
	"put a one; link a b; open 1 a RW; unlink a; pwrite 1 O 0; "
	"cat b -> One; fstat 1 nlink -> 1",
	"create a 0644; create b 0644; link a b -> EEXIST",
	"create a 0644; mkdir b 0755; link a b -> EEXIST",
	"create a 0644; symlink no b; link a b -> EEXIST",
	"mkdir a 0755; link a b -> EPERM", "link a b -> ENOENT",
	"create a 0644; stamp a; link a b; changed a -> c",
	"create a 0644; mkdir d 0755; stamp d; link a d/b; changed d -> mc",
	"create a 0666; mkdir d 0755; u1 link a d/b -> EACCES|EPERM",
	"symlink no a; link a b; readlink b -> no; lstat a nlink -> 2",
	"mknod a p 0644; link a b; stat b type,nlink -> pipe,2",
	"mknod a s 0644; link a b; stat b type,nlink -> socket,2",
	"create a 0644; link a {255}; stat {255} nlink -> 2",
	"create a 0644; link a {256} -> ENAMETOOLONG",
	"create a 0644; mkdir d 0755; link a d/a; unlink a; "
	"stat d/a nlink -> 1",
	"put f hello; symlink f l; readlink l -> f; cat l -> hello",
	"symlink no l; readlink l -> no; stat l type -> ENOENT; "
	"lstat l type,mode -> link,0777",
	"symlink no l; lstat l size -> 2",
	"symlink {255} l; lstat l size -> 255",
	"symlink {1000} l; lstat l size -> 1000",
	"symlink {4095} l; lstat l size -> 4095",
	"symlink {4096} l -> ENAMETOOLONG", "symlink '' l -> ENOENT",
	"symlink no l; symlink other l -> EEXIST",
	"create l 0644; symlink no l -> EEXIST",
	"mkdir d 0755; create d/f 0644; symlink d l; ls l -> f; "
	"stat l/f type -> file",
	"symlink l l; stat l type -> ELOOP; open 1 l RD -> ELOOP",
	"symlink a b; symlink b a; stat a type -> ELOOP",
	"put f hello; symlink f l; open 1 l RD|NOFOLLOW -> ELOOP",
	"symlink f l; put l hello; cat f -> hello",
	"symlink no l; open 1 l RW|CREAT|EXCL 0644 -> EEXIST",
	"symlink ../x/../y l; readlink l -> ../x/../y",
	"symlink /etc/passwd l; readlink l -> /etc/passwd",
	"create f 0644; readlink f -> EINVAL",
	"mkdir f 0755; readlink f -> EINVAL",
	"mkdir d 0755; u1 symlink no d/l -> EACCES",
	"mkdir d 0777; chmod d 0777; u1 symlink no d/l; "
	"lstat d/l uid,gid -> 65531,65531",
	"mkdir d 0755; stamp d; symlink no d/l; changed d -> mc",
	"create f 0644; symlink f l; link l m; readlink m -> f",
	"create f 0644; symlink f/ l; stat l type -> ENOTDIR", NULL
};

const char *const cases_dir[] = { "mkdir d 0755; ls d -> ''",
	"create a 0644; mkdir b 0755; symlink no c; mknod e p 0644; "
	"ls . -> a,b,c,e",
	"create a 0644; dtype . a -> f; mkdir b 0755; dtype . b -> d",
	"symlink no a; dtype . a -> l; mknod b p 0644; dtype . b -> p",
	"mknod a s 0644; dtype . a -> s", "create f 0644; ls f -> ENOTDIR",
	"mkdir d 0755; many d 100; opendir d; readrest -> 102; closedir",
	"mkdir d 0755; many d 500; opendir d; readrest -> 502; closedir",
	"mkdir d 0755; many d 500; opendir d; readsome 100; rewinddir; "
	"readrest -> 502; closedir",
	"mkdir d 0755; many d 500; opendir d; readrest; rewinddir; "
	"readrest -> 502; closedir",
	"mkdir d 0755; many d 300; opendir d; readsome 10; "
	"seekback 200 -> same; closedir",
	"mkdir d 0755; many d 300; opendir d; seekback 300 -> same; "
	"closedir",
	"mkdir d 0755; many d 5; opendir d; readsome 3; seekback 2 -> same; "
	"readrest; readrest -> 0; closedir",
	"mkdir d 0755; many d 20; opendir d; readsome 2; remove d 20; "
	"rewinddir; readrest -> 2; closedir",
	"mkdir d 0755; opendir d; readrest -> 2; many d 20; rewinddir; "
	"readrest -> 22; closedir",
	"mkdir d 0755; many d 50; remove d 50; ls d -> ''; rmdir d",
	"mkdir d 0755; many d 3; B: opendir d; B: readrest -> 5; "
	"remove d 1; B: rewinddir; B: readrest -> 4",
	"mkdir d 0755; opendir d; readrest -> 2; B: many d 7; rewinddir; "
	"readrest -> 9; closedir",
	"mkdir d 0700; u1 ls d -> EACCES",
	"mkdir d 0711; u1 ls d -> EACCES; u1 stat d type -> dir",
	"mkdir d 0744; create d/f 0644; u1 stat d/f type -> EACCES",
	"mkdir d 0755; open 1 d RD; fsync 1; fdatasync 1",
	"mkdir d 0755; open 1 d RW -> EISDIR",
	"mkdir d 0755; open 1 d RD|DIRECTORY; fstat 1 type -> dir",
	"mkdir d 0755; open 1 d RD; read 1 9 -> EISDIR",
	"create f 0644; open 1 f RD|DIRECTORY -> ENOTDIR",
	"mkdir d 0755; chdir d; create f 0644; ls . -> f; "
	"ls ../d -> f",
	"mkdir d 0755; mkdir d/e 0755; same d/e/.. d -> yes; "
	"same d/e/../e d/e -> yes",
	"mkdir d 0755; rename d e; ls e -> ''; ls d -> ENOENT",
	"statfs . -> sane", "mkdir d 0755; statfs d -> sane",
	"create f 0644; statfs f -> sane", NULL };

#pragma once
#include_next <sys/socket.h>
#ifdef __cplusplus
extern "C" {
#endif
#ifndef SOCK_STREAM
#define SOCK_STREAM 6
#endif
#ifndef AF_UNIX
#define AF_UNIX 3
#endif
#ifndef SOMAXCONN
#define SOMAXCONN 128
#endif
int socket(int, int, int);
int bind(int, const struct sockaddr *, socklen_t);
int connect(int, const struct sockaddr *, socklen_t);
int listen(int, int);
#ifdef __cplusplus
}
#endif

// A compiler command without the start of Node: what client.ts does where the resident process
// already runs. Anything else is left to Node, which this process then becomes.
// usage: client <node> <main.js> <socket's name> <identity> <command> <arguments>...
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char **commandLine;
/** The server has begun to write the command's files. */
static int isWriting;

/** Becomes `node main.js <command> <arguments>`. */
static _Noreturn void leaveToNode(void) {
  char **argv = commandLine;
  if (isWriting) { // it may be a command that cannot be done twice
    fputs("art: error: the resident process ended while it wrote the files of this command: run it again "
          "(ART_NO_DAEMON=1 does without that process)\n", stderr);
    exit(1);
  }
  argv[3] = argv[1];
  argv[4] = argv[2];
  execv(argv[3], argv + 3);
  fprintf(stderr, "art: error: cannot run '%s' (%s): run 'art toolchain' again\n", argv[3], strerror(errno));
  exit(1);
}

struct text {
  char *bytes;
  size_t size, capacity;
};

static void append(struct text *text, const char *bytes, size_t size) {
  if (text->size + size + 1 > text->capacity) {
    text->capacity = 2 * (text->size + size + 1);
    text->bytes = realloc(text->bytes, text->capacity);
    if (text->bytes == NULL) abort();
  }
  memcpy(text->bytes + text->size, bytes, size);
  text->size += size;
  text->bytes[text->size] = 0;
}

static void appendText(struct text *text, const char *string) { append(text, string, strlen(string)); }

/** The length of the UTF-8 sequence at `s`, 0 where there is none (RFC 3629). */
static int sequence(const unsigned char *s) {
  if (s[0] < 0x80) return 1;
  int length = s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;
  for (int i = 1; i < length; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  int overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
  int outside = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
  return overlong || outside ? 0 : length;
}

/** A JSON string (RFC 8259); what is no UTF-8 is left to Node. */
static void appendJSON(struct text *text, const char *string) {
  append(text, "\"", 1);
  for (const unsigned char *s = (const unsigned char *)string; *s;) {
    int length = sequence(s);
    char escaped[8];
    if (length == 0) leaveToNode();
    if (*s < 0x20 || *s == '"' || *s == '\\')
      append(text, escaped, sprintf(escaped, "\\u%04x", *s));
    else
      append(text, (const char *)s, length);
    s += length;
  }
  append(text, "\"", 1);
}

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

/** Whether only Node can do it: response files, and commands that read the standard input. */
static int isForNode(char **argv) {
  if (variable("ART_NO_DAEMON")) return 1;
  const char *first = argv[6];
  if (strcmp(argv[5], "ar") == 0 && first && first[first[0] == '-'] == 'M') return 1;
  for (char **arg = argv + 6; *arg; arg++)
    if (**arg == '@' || strcmp(*arg, "-") == 0 || strcmp(*arg, "/dev/stdin") == 0) return 1;
  return 0;
}

/** Connects as protocol.ts says: in a folder that only this user can enter. */
static int connectTo(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const char *runtime = variable("XDG_RUNTIME_DIR");
  const char *folder = runtime ? runtime : variable("TMPDIR");
  if (!folder) folder = variable("TMP");
  if (!folder) folder = variable("TEMP");
  if (!folder) folder = "/tmp";
  struct stat status;
  int size = snprintf(address.sun_path, sizeof address.sun_path, "%s/art-%u", folder, (unsigned)getuid());
  if (size >= (int)sizeof address.sun_path || lstat(address.sun_path, &status) != 0) leaveToNode();
  if (!S_ISDIR(status.st_mode) || status.st_uid != getuid() || (status.st_mode & 077) != 0) leaveToNode();
  int rest = sizeof address.sun_path - size;
  if (snprintf(address.sun_path + size, rest, "/%s.sock", name) >= rest) leaveToNode();
  int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0) leaveToNode();
  return connection;
}

/** The line that asks for the command: Request of protocol.ts. */
static struct text request(char **argv) {
  static const char *const variables[] = {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "SOURCE_DATE_EPOCH",
                                          "ART_TIMEOUT", "ART_MAX_MEMORY", "ART_SYSROOT"};
  struct text line = {0};
  const char *command = argv[5];
  char *directory = getcwd(NULL, 0);
  if (!directory) leaveToNode();
  appendText(&line, "{\"identity\":");
  appendJSON(&line, argv[4]);
  appendText(&line, ",\"program\":");
  appendJSON(&line, strcmp(command, "cc") == 0 ? "clang" : strcmp(command, "c++") == 0 ? "clang++" : command);
  appendText(&line, ",\"args\":[");
  for (char **arg = argv + 6; *arg; arg++) {
    if (arg > argv + 6) appendText(&line, ",");
    appendJSON(&line, *arg);
  }
  appendText(&line, "],\"directory\":");
  appendJSON(&line, directory);
  appendText(&line, ",\"stdin\":\"\",\"env\":{");
  int any = 0;
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    if (!variable(variables[i])) continue;
    if (any++) appendText(&line, ",");
    appendJSON(&line, variables[i]);
    appendText(&line, ":");
    appendJSON(&line, variable(variables[i]));
  }
  const char *terminal = getenv("TERM");
  int color = isatty(STDERR_FILENO) && !variable("NO_COLOR") && !(terminal && strcmp(terminal, "dumb") == 0);
  mode_t mask = umask(0);
  umask(mask);
  char end[64];
  append(&line, end, sprintf(end, "},\"color\":%s,\"umask\":%u}\n", color ? "true" : "false", (unsigned)mask));
  return line;
}

/** The JSON string after `key`, as JSON.stringify writes it; moves past it. */
static struct text string(char **answer, const char *key) {
  struct text value = {0};
  append(&value, "", 0);
  if (strncmp(*answer, key, strlen(key)) != 0) leaveToNode();
  char *at = *answer + strlen(key);
  while (*at && *at != '"') {
    if (*at != '\\') {
      append(&value, at++, 1);
      continue;
    }
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *escape = strchr(escapes, at[1]);
    if (at[1] && escape) {
      append(&value, meanings + (escape - escapes), 1);
      at += 2;
      continue;
    }
    unsigned unit = 0, low = 0;
    int read = 0;
    if (sscanf(at, "\\u%4x%n", &unit, &read) != 1) leaveToNode();
    at += read;
    if (unit >= 0xd800 && unit < 0xdc00 && sscanf(at, "\\u%4x%n", &low, &read) == 1) {
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      at += read;
    }
    char utf8[4];
    int size = unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit < 0x10000 ? 3 : 4;
    for (int i = size - 1; i > 0; i--, unit >>= 6) utf8[i] = 0x80 | (unit & 0x3f);
    utf8[0] = size == 1 ? unit : (0xf00 >> size) | unit;
    append(&value, utf8, size);
  }
  *answer = at + (*at == '"');
  return value;
}

static void writeAll(int file, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t written = write(file, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) return; // who reads it has seen enough
    if (written <= 0) {
      fprintf(stderr, "art: error: cannot write the output (%s)\n", strerror(errno));
      exit(1);
    }
    bytes += written;
    size -= written;
  }
}

static void writeBase64(const char *text) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  struct text bytes = {0};
  uint32_t bits = 0;
  int count = 0;
  for (const char *digit; *text && (digit = strchr(digits, *text)); text++) {
    bits = bits << 6 | (uint32_t)(digit - digits);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    char byte = (char)(bits >> count);
    append(&bytes, &byte, 1);
  }
  writeAll(STDOUT_FILENO, bytes.bytes, bytes.size);
}

int main(int argc, char **argv) {
  commandLine = argv;
  signal(SIGPIPE, SIG_IGN);
  if (argc < 6) {
    fputs("usage: client <node> <main.js> <socket's name> <identity> <command> <arguments>...\n", stderr);
    return 2;
  }
  if (isForNode(argv)) leaveToNode();
  int connection = connectTo(argv[3]);
  struct text line = request(argv), answer = {0};
  for (size_t sent = 0; sent < line.size;) {
    ssize_t written = send(connection, line.bytes + sent, line.size - sent, MSG_NOSIGNAL);
    if (written <= 0) leaveToNode();
    sent += written;
  }
  char part[65536];
  for (ssize_t size; (size = read(connection, part, sizeof part)) != 0;) {
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) break;
    append(&answer, part, size);
  }
  static const char writing[] = "writing\n";
  char *at = answer.bytes ? answer.bytes : "";
  isWriting = strncmp(at, writing, strlen(writing)) == 0;
  if (isWriting) at += strlen(writing);
  int status, size = 0;
  if (sscanf(at, "{\"status\":%d,%n", &status, &size) != 1 || size == 0) leaveToNode();
  at += size;
  struct text output = string(&at, "\"stdout\":\"");
  struct text errors = string(&at, ",\"stderr\":\"");
  if (strcmp(at, "}") != 0) leaveToNode(); // it is of another version
  writeBase64(output.bytes);
  writeAll(STDERR_FILENO, errors.bytes, errors.size);
  return status;
}

// A compiler command without the start of Node: what client.ts does where the resident process
// already runs. Anything else is left to Node, which this process then becomes.
// usage: client <node> <main.js> <name> <installation> <command> <arguments>...
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/** How long the server may give no sign of life, in seconds; and while it starts, or may write. */
enum { SILENCE_S = 2, PATIENT_S = 30 };

static char **commandLine;
/** The server has begun to write the command's files. */
static int isWriting;

/** Becomes `node main.js <command> <arguments>`. */
static _Noreturn void leaveToNode(void) {
  char **argv = commandLine;
  if (isWriting) { // it may be a command that cannot be done twice
    fputs("art: error: lost the resident process while it wrote the files of this command: run it again "
          "(ART_NO_DAEMON=1 runs commands without that process)\n", stderr);
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

/** How long reading and writing wait. */
static void setPatience(int connection, int seconds) {
  struct timeval time = {.tv_sec = seconds};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

/** Whether only Node can do it: response files, commands that read the standard input, and names of symbols on a terminal. */
static int isForNode(char **argv) {
  if (variable("ART_NO_DAEMON")) return 1;
  const char *first = argv[6];
  int isCompiler = strcmp(argv[5], "cc") == 0 || strcmp(argv[5], "c++") == 0;
  if (!isCompiler && isatty(STDOUT_FILENO)) return 1;
  if (strcmp(argv[5], "ar") == 0 && first && first[first[0] == '-'] == 'M') return 1;
  for (char **arg = argv + 6; *arg; arg++)
    if (**arg == '@' || strcmp(*arg, "-") == 0 || strcmp(*arg, "/dev/stdin") == 0) return 1;
  return 0;
}

/** A whole file; its bytes are NULL where it cannot be read. */
static struct text contents(const char *path) {
  struct text text = {0};
  char part[4096];
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  for (ssize_t size; (size = read(file, part, sizeof part)) > 0;) append(&text, part, size);
  close(file);
  return text;
}

/** What a process sees and may do: viewOf of identity.ts. Its bytes are NULL where it may not be looked at. */
static struct text viewOf(const char *pid) {
  static const char *const spaces[] = {"mnt", "user", "pid"};
  static const char *const rights[] = {"Uid:", "Gid:", "Groups:", "CapEff:", "NoNewPrivs:", "Seccomp:", "Cpus_allowed:"};
  struct text view = {0}, none = {0};
  char path[64], line[128];
  struct stat root;
  snprintf(path, sizeof path, "/proc/%s/root", pid);
  if (stat(path, &root) != 0) return none;
  append(&view, line, sprintf(line, "root:%llu:%llu\n", (unsigned long long)root.st_dev, (unsigned long long)root.st_ino));
  for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
    snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, spaces[i]);
    ssize_t size = readlink(path, line, sizeof line);
    if (size < 0) return none;
    append(&view, line, size);
    append(&view, "\n", 1);
  }
  snprintf(path, sizeof path, "/proc/%s/status", pid);
  struct text status = contents(path);
  if (!status.bytes) return none;
  for (char *at = status.bytes, *end; (end = strchr(at, '\n')); at = end + 1)
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
      if (strncmp(at, rights[i], strlen(rights[i])) == 0) append(&view, at, end + 1 - at);
  return view;
}

/** What the name of the server leads to, and that name. */
static char handle[64], name_[4096];

/** The target of the server's name; 0 where there is none. */
static int readName(char *target, size_t capacity) {
  ssize_t size = readlink(name_, target, capacity - 1);
  if (size < 0) return 0;
  target[size] = 0;
  return 1;
}

/** Connects to the server that is the same as this client and sees the same, as identity.ts says; gives its secret. */
static int connectTo(const char *name, struct text own, const char **secret) {
  const char *const folders[] = {variable("XDG_RUNTIME_DIR"), variable("TMPDIR"), variable("TMP"), variable("TEMP"), "/tmp"};
  size_t i = 0;
  while (!folders[i] || folders[i][0] != '/') i++;
  struct stat status;
  int size = snprintf(name_, sizeof name_, "%s/art-%u", folders[i], (unsigned)getuid());
  if (size >= (int)sizeof name_ || lstat(name_, &status) != 0) leaveToNode();
  if (!S_ISDIR(status.st_mode) || status.st_uid != getuid() || (status.st_mode & 077) != 0) leaveToNode();
  uint64_t hash = 0xcbf29ce484222325; // FNV-1a
  for (size_t byte = 0; byte < own.size; byte++) hash = (hash ^ (unsigned char)own.bytes[byte]) * 0x100000001b3;
  int rest = sizeof name_ - size;
  if (snprintf(name_ + size, rest, "/%s-%016llx.sock", name, (unsigned long long)hash) >= rest) leaveToNode();

  char pid[16], path[64], word[] = "ART_RESIDENT_SECRET=";
  int end = 0;
  if (!readName(handle, sizeof handle)) leaveToNode();
  if (sscanf(handle, "/proc/%15[0-9]/fd/%*[0-9]%n", pid, &end) != 1 || end == 0 || handle[end]) leaveToNode();
  struct text view = viewOf(pid);
  if (!view.bytes || strcmp(view.bytes, own.bytes) != 0) leaveToNode();
  snprintf(path, sizeof path, "/proc/%s/environ", pid);
  struct text variables = contents(path);
  *secret = NULL;
  for (size_t at = 0; at < variables.size; at += strlen(variables.bytes + at) + 1)
    if (strncmp(variables.bytes + at, word, strlen(word)) == 0) *secret = variables.bytes + at + strlen(word);
  if (!*secret) leaveToNode();

  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, handle);
  int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) leaveToNode();
  setPatience(connection, SILENCE_S);
  if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) leaveToNode();
  return connection;
}

/** The server gives no sign of life: the next command is to start another. */
static _Noreturn void leaveSilent(void) {
  char now[sizeof handle];
  if (!isWriting && readName(now, sizeof now) && strcmp(now, handle) == 0) unlink(name_);
  leaveToNode();
}

static void appendWord(struct text *words, const char *word) { append(words, word, strlen(word) + 1); }

/** The words that ask for the command: requestBytes of protocol.ts. */
static struct text request(char **argv, const char *view) {
  static const char *const variables[] = {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "SOURCE_DATE_EPOCH",
                                          "ART_TIMEOUT", "ART_MAX_MEMORY", "ART_SYSROOT", "ART_NO_CACHE", "ART_CACHE_DIR",
                                          "ART_CACHE_SIZE", "XDG_CACHE_HOME", "HOME"};
  struct text words = {0};
  const char *command = argv[5];
  char *directory = getcwd(NULL, 0), number[16];
  if (!directory) leaveToNode();
  mode_t mask = umask(0);
  umask(mask);
  sprintf(number, "%u", (unsigned)mask);
  const char *terminal = getenv("TERM");
  int color = isatty(STDERR_FILENO) && !variable("NO_COLOR") && !(terminal && strcmp(terminal, "dumb") == 0);
  appendWord(&words, argv[4]);
  appendWord(&words, view);
  appendWord(&words, strcmp(command, "cc") == 0 ? "clang" : strcmp(command, "c++") == 0 ? "clang++" : command);
  appendWord(&words, directory);
  appendWord(&words, number);
  appendWord(&words, color ? "1" : "0");
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    const char *value = variable(variables[i]);
    if (!value) continue;
    append(&words, variables[i], strlen(variables[i]));
    append(&words, "=", 1);
    appendWord(&words, value);
  }
  appendWord(&words, "");
  for (char **arg = argv + 6; *arg; arg++) appendWord(&words, *arg);
  return words;
}

static void sendAll(int connection, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) leaveSilent();
    if (sent <= 0) leaveToNode();
    bytes += sent;
    size -= sent;
  }
}

/** Waits for more of the answer. */
static void receive(int connection, struct text *answer) {
  char part[65536];
  ssize_t size;
  do size = read(connection, part, sizeof part);
  while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) leaveSilent();
  if (size <= 0) leaveToNode();
  append(answer, part, size);
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

int main(int argc, char **argv) {
  commandLine = argv;
  signal(SIGPIPE, SIG_IGN);
  if (argc < 6) {
    fputs("usage: client <node> <main.js> <name> <installation> <command> <arguments>...\n", stderr);
    return 2;
  }
  if (isForNode(argv)) leaveToNode();
  struct text view = viewOf("self");
  if (!view.bytes) leaveToNode();
  const char *secret;
  int connection = connectTo(argv[3], view, &secret);
  struct text words = request(argv, view.bytes), head = {0}, answer = {0};
  char line[64];
  append(&head, secret, strlen(secret));
  append(&head, line, sprintf(line, " %zu 0\n", words.size));
  sendAll(connection, head.bytes, head.size);
  sendAll(connection, words.bytes, words.size);
  size_t at = 0;
  for (;;) { // a line each, as protocol.ts says
    char *end = answer.size > at ? memchr(answer.bytes + at, '\n', answer.size - at) : NULL;
    if (!end) {
      if (answer.size - at > sizeof line) leaveToNode();
      receive(connection, &answer);
      continue;
    }
    const char *said = answer.bytes + at;
    *end = 0;
    at = end + 1 - answer.bytes;
    unsigned status, output, errors;
    int read = 0;
    int starting = strcmp(said, "starting") == 0;
    if (starting || strcmp(said, "alive") == 0) {
      if (!isWriting) setPatience(connection, starting ? PATIENT_S : SILENCE_S);
      continue;
    }
    if (strcmp(said, "ready") == 0) {
      isWriting = 1;
      setPatience(connection, PATIENT_S);
      sendAll(connection, "g", 1);
      continue;
    }
    if (sscanf(said, "%3u %9u %9u%n", &status, &output, &errors, &read) != 3 || said[read]) leaveToNode();
    while (answer.size - at < (size_t)output + errors) receive(connection, &answer);
    writeAll(STDOUT_FILENO, answer.bytes + at, output);
    writeAll(STDERR_FILENO, answer.bytes + at + output, errors);
    return (int)status;
  }
}

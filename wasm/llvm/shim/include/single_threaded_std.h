// Force-included into every C++ file. Debian's libc++ for wasm32-wasi is built
// without threads, so <mutex> and friends lack the types that LLVM names even
// with LLVM_ENABLE_THREADS=OFF. In a program with one thread a lock is a no-op,
// a wait would be for ever, and a deferred future runs when it is asked.
#pragma once
#ifdef __cplusplus
#include <__config>
#if !_LIBCPP_HAS_THREADS
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace std {

class mutex {
public:
  constexpr mutex() noexcept = default;
  mutex(const mutex &) = delete;
  mutex &operator=(const mutex &) = delete;
  void lock() {}
  bool try_lock() { return true; }
  void unlock() {}
};

class recursive_mutex : public mutex {};
class timed_mutex : public mutex {};

class shared_mutex : public mutex {
public:
  void lock_shared() {}
  bool try_lock_shared() { return true; }
  void unlock_shared() {}
};
using shared_timed_mutex = shared_mutex;

template <class... M> class scoped_lock {
public:
  explicit scoped_lock(M &...) {}
  scoped_lock(adopt_lock_t, M &...) {}
  scoped_lock(const scoped_lock &) = delete;
};

template <class M> class shared_lock {
  M *Mutex = nullptr;

public:
  using mutex_type = M;
  shared_lock() = default;
  explicit shared_lock(M &m) : Mutex(&m) {}
  bool owns_lock() const { return Mutex; }
  void lock() {}
  void unlock() { Mutex = nullptr; }
};

enum class cv_status { no_timeout, timeout };

class condition_variable {
public:
  void notify_one() {}
  void notify_all() {}
  template <class L> void wait(L &) { __builtin_trap(); }
  template <class L, class P> void wait(L &, P ready) {
    if (!ready())
      __builtin_trap(); // nobody is left to make it ready
  }
  template <class L, class R, class P, class F>
  bool wait_for(L &, const chrono::duration<R, P> &, F ready) {
    return ready();
  }
};
using condition_variable_any = condition_variable;

enum class launch { async = 1, deferred = 2 };
enum class future_status { ready, timeout, deferred };

template <class T> class shared_future {
  struct State {
    function<T()> Run;
    optional<conditional_t<is_void_v<T>, bool, T>> Value;
  };
protected:
  shared_ptr<State> S;

public:
  shared_future() = default;
  explicit shared_future(function<T()> F) : S(make_shared<State>()) {
    S->Run = std::move(F);
  }
  bool valid() const { return !!S; }
  void wait() const {
    if (S->Value)
      return;
    if constexpr (is_void_v<T>) {
      S->Run();
      S->Value = true;
    } else {
      S->Value = S->Run();
    }
  }
  decltype(auto) get() const {
    wait();
    if constexpr (!is_void_v<T>)
      return static_cast<const T &>(*S->Value);
  }
};

template <class T> class future : public shared_future<T> {
public:
  using shared_future<T>::shared_future;
  T get() {
    this->wait();
    if constexpr (!is_void_v<T>)
      return std::move(*this->S->Value);
  }
  shared_future<T> share() { return std::move(*this); }
};

template <class F, class... A>
auto async(launch, F &&f, A &&...a) -> future<invoke_result_t<F, A...>> {
  // std::function copies what it holds; LLVM passes callables that only move.
  auto Held = make_shared<tuple<decay_t<F>, decay_t<A>...>>(
      std::forward<F>(f), std::forward<A>(a)...);
  return future<invoke_result_t<F, A...>>([Held] {
    return apply([](auto &g, auto &...x) { return g(x...); }, *Held);
  });
}

/// Has done its work when it begins.
class thread {
public:
  template <class F, class... A> explicit thread(F &&f, A &&...a) {
    std::forward<F>(f)(std::forward<A>(a)...);
  }
  void join() {}
  void detach() {}
  static unsigned hardware_concurrency() noexcept { return 1; }
};

namespace this_thread {
inline void yield() noexcept {}
template <class R, class P> void sleep_for(const chrono::duration<R, P> &) {}
} // namespace this_thread

} // namespace std
#endif
#endif

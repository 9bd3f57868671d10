// memfs imports Node's `process` if there is no global one; it also works without.
module.exports = undefined;

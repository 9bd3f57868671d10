// memfs asks Node for it where there is no global one, and does without.
module.exports = undefined;

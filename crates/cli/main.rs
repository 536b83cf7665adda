//! `offhook`: the command line of the voice-agent runtime.

fn main() {}

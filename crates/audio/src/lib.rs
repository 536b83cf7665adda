//! Everything that happens to a phone call's samples between the wire and the recogniser or the voice: codecs,
//! resampling, voice detection, noise, echo, tones, playout. It knows no carrier, no socket, no clock and no rule of a
//! conversation: it reports what it hears.

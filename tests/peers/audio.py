"""Tones, µ-law and what a recording holds: as much of audio as the peers need, without a library."""

import math
import struct
import wave

BIAS, CLIP = 132, 32635


def sine(rate, hertz, seconds, peak=8000):
    """Samples of a tone."""
    return [round(peak * math.sin(2 * math.pi * hertz * n / rate)) for n in range(round(rate * seconds))]


def linear(samples):
    """16-bit samples, low byte first."""
    return struct.pack(f"<{len(samples)}h", *samples)


def from_linear(data):
    return list(struct.unpack(f"<{len(data) // 2}h", data[: len(data) // 2 * 2]))


def mulaw(samples):
    """G.711 µ-law."""
    return bytes(_mulaw_byte(sample) for sample in samples)


def _mulaw_byte(sample):
    sign, size = (0x80, -sample) if sample < 0 else (0, sample)
    size = min(size, CLIP) + BIAS
    exponent = size.bit_length() - 8
    return ~(sign | exponent << 4 | (size >> (exponent + 3)) & 0x0F) & 0xFF


def from_mulaw(data):
    return [_MULAW_SAMPLES[byte] for byte in data]


def _mulaw_sample(byte):
    byte = ~byte & 0xFF
    size = (((byte & 0x0F) << 3) + BIAS << ((byte & 0x70) >> 4)) - BIAS
    return -size if byte & 0x80 else size


_MULAW_SAMPLES = [_mulaw_sample(byte) for byte in range(256)]


def tone_in(samples, rate):
    """How long the samples are loud, in seconds, and the frequency of what is loud, by its zero crossings."""
    frame = rate // 50
    frames = [samples[begin : begin + frame] for begin in range(0, len(samples) - frame + 1, frame)]
    loud = [sample for part in frames if max(map(abs, part)) > 1000 for sample in part]
    crossings = sum((a < 0) != (b < 0) for a, b in zip(loud, loud[1:]))
    seconds = len(loud) / rate
    return seconds, crossings / 2 / seconds if loud else 0.0


def write_wav(path, rate, samples):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(linear(samples))


def read_wav(path):
    """The rate and the samples of each channel."""
    with wave.open(str(path), "rb") as file:
        samples = from_linear(file.readframes(file.getnframes()))
        return file.getframerate(), [samples[n :: file.getnchannels()] for n in range(file.getnchannels())]

"""What our own dialects send, as `stream_messages` of `crates/telephony` writes it, beside what a peer sends."""

import json
import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def messages(carrier):
    """The messages of one carrier by the command's name; a binary one is its number of bytes."""
    found = {}
    for line in Path(os.environ["STREAM_MESSAGES"]).read_text().splitlines():
        line = json.loads(line)
        if line["carrier"] == carrier and "refused" not in line and "command" in line:
            found[line["command"]] = json.loads(line["text"]) if "text" in line else line["binary_bytes"]
    return found


def shape(message):
    """The names in a message and the kinds of its values; of names that say the event, the value itself."""
    if not isinstance(message, dict):
        return type(message).__name__
    return {
        name: value if name in ("event", "action", "contentType", "sampleRate") else shape(value)
        for name, value in message.items()
    }


def claim_parsed(call, carrier, models):
    """Claims that each of our messages is what the model of its command reads, nothing more and nothing less."""
    found = messages(carrier)
    for command, model in models.items():
        try:
            read = model.model_validate(found[command]).model_dump(by_alias=True)
        except ValueError as error:
            read = error
        call.claim(f"our {command} is {model.__name__}, not {found[command]}", read == found[command], read)


def document(carrier):
    """What asks the carrier for a stream to wss://agent.example.com/media."""
    lines = map(json.loads, Path(os.environ["STREAM_MESSAGES"]).read_text().splitlines())
    return next(line["document"] for line in lines if line["carrier"] == carrier and "document" in line)


def claim_same_xml(call, carrier, theirs):
    """Claims that our document is the peer's: the same elements, attributes and text, in whatever order and layout."""
    wanted, found = (tree(ElementTree.fromstring(xml)) for xml in (theirs, document(carrier)))
    call.claim(f"our document is {wanted}, not", found == wanted, found)


def tree(element):
    return element.tag, element.attrib, (element.text or "").strip(), [tree(child) for child in element]


def claim_same(call, carrier, theirs):
    """Claims that our messages have the shape of the peer's for the same commands."""
    found = messages(carrier)
    for command, message in theirs.items():
        ours, wanted = shape(found[command]), shape(message)
        call.claim(f"our {command} has the peer's shape {wanted}, not", ours == wanted, ours)

//! What each carrier sends in an ordinary call, to the letter of its documentation.

use offhook_telephony::{Carrier, WireMessage};

/// The messages of one carrier.
pub(crate) struct Golden {
    pub(crate) carrier: Carrier,
    pub(crate) start: &'static str,
    pub(crate) audio: WireMessage<'static>,
    /// What else comes in the middle of a call.
    pub(crate) others: &'static [&'static str],
    /// The end, where there is a message for it.
    pub(crate) end: Option<&'static str>,
}

pub(crate) const GOLDEN: [Golden; 5] = [
    Golden {
        carrier: Carrier::Raw,
        start: r#"{"type":"hello","in":{"codec":"pcm16le","rate":16000},"out":{"codec":"pcm16le","rate":24000},"params":{"agent":"demo"}}"#,
        audio: WireMessage::Binary(&[0, 0, 0, 0, 7, 0, 0, 0, 0x40, 1, 0, 0, 1, 2, 3, 4]),
        others: &[
            r#"{"type":"mark","name":"g3:u7:12800","state":"played"}"#,
            r#"{"type":"mark","name":"g3:u7:12800","state":"cleared"}"#,
            r#"{"type":"cleared","gen":3,"played_samples":43120}"#,
            r#"{"type":"dtmf","digit":"5","duration_ms":120}"#,
        ],
        end: Some(r#"{"type":"bye"}"#),
    },
    Golden {
        carrier: Carrier::Twilio,
        start: r#"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC0001","streamSid":"MZ0001","callSid":"CA0001","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"call_id":"01J...","token":"..."}},"streamSid":"MZ0001"}"#,
        audio: WireMessage::Text(
            r#"{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"20","payload":"no+JhoaJjpzS"},"streamSid":"MZ0001"}"#,
        ),
        others: &[
            r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#,
            r#"{"event":"dtmf","streamSid":"MZ0001","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"}}"#,
            r#"{"event":"mark","sequenceNumber":"4","streamSid":"MZ0001","mark":{"name":"g3:u7:12800"}}"#,
        ],
        end: Some(
            r#"{"event":"stop","sequenceNumber":"5","stop":{"accountSid":"AC0001","callSid":"CA0001"},"streamSid":"MZ0001"}"#,
        ),
    },
    Golden {
        carrier: Carrier::Telnyx,
        start: r#"{"event":"start","sequence_number":"1","start":{"user_id":"3E6F995F-85F7-4705-9741-53B116D28237","call_control_id":"v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","call_session_id":"ff55a038-6f5d-11ef-9692-02420aeffb1f","from":"+13122010094","to":"+13122123456","tags":["TAG1"],"client_state":"aGF2ZSBhIG5pY2UgZGF5ID1d","custom_parameters":{"customer_id":"customer_123"},"media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}},"stream_id":"32DE0DEA-53CB-4B21-89A4-9E1819C043BC"}"#,
        audio: WireMessage::Text(
            r#"{"event":"media","sequence_number":"4","media":{"track":"inbound","chunk":"2","timestamp":"5","payload":"no+JhoaJjpzS"},"stream_id":"32DE0DEA-53CB-4B21-89A4-9E1819C043BC"}"#,
        ),
        others: &[
            r#"{"event":"connected","version":"1.0.0"}"#,
            r#"{"event":"dtmf","stream_id":"32DE0DEA-53CB-4B21-89A4-9E1819C043BC","occurred_at":"2025-06-05T08:54:19.698408Z","sequence_number":"5","dtmf":{"digit":"1"}}"#,
            r#"{"event":"mark","stream_id":"32DE0DEA-53CB-4B21-89A4-9E1819C043BC","sequence_number":"5","mark":{"name":"g3:u7:12800"}}"#,
            r#"{"event":"error","payload":{"code":100003,"title":"malformed_frame","detail":"..."},"stream_id":"32DE0DEA-53CB-4B21-89A4-9E1819C043BC"}"#,
        ],
        end: Some(
            r#"{"event":"stop","sequence_number":"5","stop":{"user_id":"3E6F995F","call_control_id":"v2:T02"},"stream_id":"32DE0DEA-53CB-4B21-89A4-9E1819C043BC"}"#,
        ),
    },
    Golden {
        carrier: Carrier::Plivo,
        start: r#"{"sequenceNumber":0,"event":"start","start":{"callId":"4d2a3f02-...","streamId":"20170ada-f610-433b-8758-c02a2aab3662","accountId":"MA0001","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}},"extra_headers":"{\"callid\":\"01J\"}"}"#,
        audio: WireMessage::Text(
            r#"{"sequenceNumber":7,"streamId":"20170ada-...","event":"media","media":{"track":"inbound","timestamp":"1684908400123","chunk":7,"payload":"no+JhoaJjpzS"},"extra_headers":"{}"}"#,
        ),
        others: &[
            r#"{"event":"dtmf","sequenceNumber":9,"streamId":"20170ada-...","dtmf":{"track":"inbound","digit":"5","timestamp":"1684908401000"},"extra_headers":"{}"}"#,
            r#"{"event":"playedStream","sequenceNumber":11,"streamId":"20170ada-...","name":"g3:u7:12800"}"#,
            r#"{"sequenceNumber":0,"event":"clearedAudio","streamId":"20170ada-..."}"#,
        ],
        // Not documented, but seen.
        end: Some(r#"{"event":"stop","streamId":"20170ada-..."}"#),
    },
    Golden {
        carrier: Carrier::Vonage,
        start: r#"{"event":"websocket:connected","content-type":"audio/l16;rate=16000","call_id":"01J...","uuid":"aaaaaaaa-..."}"#,
        audio: WireMessage::Binary(&[7; 640]),
        others: &[
            r#"{"event":"websocket:dtmf","digit":"5","duration":260}"#,
            r#"{"dtmf":{"digit":"5"}}"#,
            r#"{"event":"websocket:cleared"}"#,
            r#"{"event":"websocket:notify","payload":{"mark":"g3:u7:12800"}}"#,
        ],
        end: None,
    },
];

impl Golden {
    /// Everything that comes up to the end.
    pub(crate) fn messages(&self) -> Vec<WireMessage<'static>> {
        let texts = std::iter::once(&self.start).chain(self.others);
        texts.map(|text| WireMessage::Text(text)).chain([self.audio]).collect()
    }
}

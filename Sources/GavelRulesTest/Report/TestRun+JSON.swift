internal import GavelConfig
internal import GavelScript

extension TestRun {
    /// One JSON object, for editors and other programs.
    package var json: String {
        var text = JSONText()
        text.append(raw: "{\"passed\":\(self.failed == 0),\"tests\":\(self.tests),\"failed\":\(self.failed)")
        text.append(raw: ",\"steps\":\(self.steps),\"milliseconds\":\(Int(self.duration / .milliseconds(1)))")
        text.append(self.files, open: ",\"files\":[", close: "]") { text, file in
            text.append(raw: "{\"file\":\(file.name.quoted)")
            if let failure = file.failure {
                text.append(raw: ",\"failure\":")
                Self.append(failure, to: &text)
            }
            text.append(file.tests, open: ",\"tests\":[", close: "]}") { Self.append($1, to: &$0) }
        }
        if !self.coverage.files.isEmpty { self.coverage.append(to: &text) }
        text.append(raw: "}")
        return String(decoding: text.bytes, as: UTF8.self)
    }

    private static func append(_ test: Test, to text: inout JSONText) {
        text.append(raw: "{\"name\":\(test.name.quoted),\"line\":\(test.place.line),\"passed\":\(test.failure == nil)")
        text.append(raw: ",\"steps\":\(test.steps)")
        if let failure = test.failure {
            text.append(raw: ",\"failure\":")
            self.append(failure, to: &text)
        }
        text.append(raw: "}")
    }

    private static func append(_ failure: TestFailure, to text: inout JSONText) {
        text.append(raw: "{\"file\":\(failure.place.file.quoted),\"line\":\(failure.place.line)")
        text.append(raw: ",\"text\":\(failure.text.quoted)")
        if let comparison = failure.comparison {
            text.append(raw: ",\"expected\":\(comparison.expectation.value.json)")
            text.append(raw: ",\"exactly\":\(comparison.expectation.isExact)")
            if let actual = comparison.actual { text.append(raw: ",\"actual\":\(actual.json)") }
        }
        self.append("traceback", failure.traceback, to: &text)
        self.append("unread", failure.unread, to: &text)
        self.append("log", failure.log, to: &text)
        if !failure.errors.isEmpty {
            text.append(failure.errors, open: ",\"rules\":[", close: "]") { text, error in
                text.append(raw: "{\"text\":\(error.text.quoted),\"at\":\(error.circumstances.quoted)")
                Self.append("traceback", error.traceback, to: &text)
                text.append(raw: "}")
            }
        }
        text.append(raw: "}")
    }

    private static func append(_ name: String, _ lines: [String], to text: inout JSONText) {
        if lines.isEmpty { return }
        text.append(lines, open: ",\"\(name)\":[", close: "]") { $0.append(raw: $1.quoted) }
    }
}

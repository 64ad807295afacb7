/// Rooms whose rules count.
extension BenchClient {
    mutating func checkRules(_ scan: MessageScan, isOwn: Bool, at now: UInt64, into tally: inout Tally) {
        guard let (findings, number) = self.rules?.receive(scan, isOwn: isOwn) else { return }
        for finding in findings { self.note(finding, into: &tally) }
        if let number { tally.sightings[number, default: []].append(now) }
    }

    mutating func checkBeat(_ payload: UnsafeRawBufferPointer, at now: UInt64, into tally: inout Tally) {
        self.noteSilence(at: now, into: &tally)
        for finding in self.rules?.receive(beat: RelayMessage(payload)?.beat, at: now) ?? [] {
            self.note(finding, into: &tally)
        }
    }

    /// Notes where the rules' timers have stopped.
    func noteSilence(at now: UInt64, into tally: inout Tally) {
        guard self.rules?.isSilent(at: now) == true else { return }
        tally.violations.note(.state) { "client \(self.id) of room \(self.room): the rules' timers stood still" }
    }

    private func note(_ finding: RulesCheck.Finding, into tally: inout Tally) {
        tally.violations.note(.state) {
            let got = finding.got.map(String.init) ?? "no count"
            return """
                client \(self.id) of room \(self.room): \(got) of \(finding.subject) came where \(finding.expected) was \
                expected
                """
        }
    }
}

extension FailedHooks {
    package var text: String {
        guard !self.failures.isEmpty else { return "No hook has failed." }
        return self.failures.map(\.lines).joined(separator: [""]).joined(separator: "\n")
    }
}

extension FailedHook {
    fileprivate var lines: [String] {
        let concerned = self.client.map { ", client \($0)" } ?? ""
        let times = self.count > 1 ? ", \(self.count) times" : ""
        let head =
            "\(self.hook.isEmpty ? "start" : self.hook) in \(self.room)\(concerned), version \(self.version)\(times)"
        let message = self.message.map { ["  on \($0)"] } ?? []
        let lines = [head, "  \(self.text)"] + self.traceback.map { "    at \($0)" } + message
        return lines.map { PrintableText.line($0) }
    }
}

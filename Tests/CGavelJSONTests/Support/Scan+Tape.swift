import CGavelJSON

extension Scan {
    /// What is wrong with the tape of an accepted text, or nil.
    func tapeProblem() -> String? {
        guard self.code > 0 else { return "refused" }
        do throws(TapeProblem) {
            let after = try self.checkValue(0, within: 0..<self.text.count)
            return after == self.tape.count ? nil : "ends at \(after) of \(self.tape.count)"
        } catch {
            return error.text
        }
    }

    private struct TapeProblem: Error {
        var text: String
    }

    /// Checks the value at index and all in it; returns the index after it.
    private func checkValue(_ index: Int, within range: Range<Int>) throws(TapeProblem) -> Int {
        func require(_ condition: Bool, _ what: String) throws(TapeProblem) {
            if !condition { throw TapeProblem(text: "token \(index): \(what)") }
        }
        try require(index < self.tape.count, "is missing")
        let token = self.tape[index]
        let span = Int(token.start)..<max(Int(token.start), Int(token.end))
        try require(!span.isEmpty && range.contains(span.lowerBound) && span.upperBound <= range.upperBound, "range")
        let ends = [self.text[span.lowerBound], self.text[span.upperBound - 1]]
        let isContainer = Int(token.kind) == GJ_OBJECT || Int(token.kind) == GJ_ARRAY
        switch Int(token.kind) {
        case GJ_OBJECT: try require(ends == Array("{}".utf8), "braces")
        case GJ_ARRAY: try require(ends == Array("[]".utf8), "brackets")
        case GJ_STRING: try require(ends == Array("\"\"".utf8) && span.count >= 2, "quotes")
        case GJ_NUMBER:
            try require("-0123456789".utf8.contains(ends[0]) && "0123456789".utf8.contains(ends[1]), "digits")
        case GJ_TRUE: try require(self.bytes(of: index) == Array("true".utf8), "true")
        case GJ_FALSE: try require(self.bytes(of: index) == Array("false".utf8), "false")
        case GJ_NULL: try require(self.bytes(of: index) == Array("null".utf8), "null")
        default: try require(false, "kind \(token.kind)")
        }
        try require(Int(token.flags) == self.expectedFlags(index), "flags \(token.flags)")
        guard isContainer else {
            try require(Int(token.next) == index + 1 && token.count == 0, "next or count of a scalar")
            return index + 1
        }
        var members = 0
        var inner = index + 1
        var rest = (span.lowerBound + 1)..<(span.upperBound - 1)
        while inner < Int(token.next) {
            let member = inner
            if Int(token.kind) == GJ_OBJECT {
                let key = self.tape[inner]
                try require(Int(key.kind) == GJ_KEY && key.count == 0, "key at \(inner)")
                try require(Int(key.start) >= rest.lowerBound && key.end < rest.upperBound, "key's range")
                try require(Int(key.flags) == self.expectedFlags(inner), "key's flags")
                rest = Int(key.end)..<rest.upperBound
                inner += 1
            }
            let after = try self.checkValue(inner, within: rest)
            try require(Int(self.tape[member].next) == after, "next at \(member)")
            rest = Int(self.tape[inner].end)..<rest.upperBound
            inner = after
            members += 1
        }
        try require(inner == Int(token.next), "next")
        try require(Int(token.count) == min(members, 65535), "count \(token.count), not \(members)")
        return inner
    }

    private func expectedFlags(_ index: Int) -> Int {
        let bytes = self.bytes(of: index)
        switch Int(self.tape[index].kind) {
        case GJ_STRING, GJ_KEY: return bytes.contains(UInt8(ascii: "\\")) ? GJ_ESCAPED : 0
        case GJ_NUMBER: return bytes.contains { ".eE".utf8.contains($0) } ? 0 : GJ_INTEGER
        default: return 0
        }
    }
}

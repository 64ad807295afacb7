import CGavelJSON
import Foundation
import Testing

/// The scanner against Foundation's JSONSerialization, which differs in just these ways: it
/// - takes a comma before a closing bracket or brace,
/// - takes a byte order mark, and guesses UTF-16 and UTF-32 from zero bytes near the beginning,
/// - refuses numbers that a Double cannot hold, such as 1e400,
/// - refuses more than 512 containers in one another,
/// - rounds long numbers in its own way.
@Suite("Scanner and Foundation")
struct DifferentialTests {
    private func foundation(_ bytes: [UInt8]) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    }

    @Test("random valid texts mean the same to both")
    func agreeOnValues() throws {
        var random = RandomJSON(generator: .announced())
        for _ in 0..<1_500 {
            let text = random.space() + random.value(depth: 5) + random.space()
            let scan = Scan(text, .anyValue)
            #expect(scan.code > 0, "\(text)")
            let other = try #require(self.foundation(Array(text.utf8)), "\(text)")
            #expect(scan.means(other), "\(text)")
        }
    }

    @Test("damaged texts are refused by both or by neither")
    func agreeOnDamage() {
        var random = RandomJSON(generator: .announced())
        var refused = 0
        for _ in 0..<300 {
            let text = Array((random.space() + random.value(depth: 4) + random.space()).utf8)
            for _ in 0..<20 {
                let damaged = random.damaged(text)
                let scan = Scan(damaged, .anyValue)
                let other = self.foundation(damaged)
                if scan.code > 0 {
                    #expect(scan.tapeProblem() == nil)
                    #expect(
                        other != nil || scan.hasUnrepresentableNumber,
                        "\(String(decoding: damaged, as: UTF8.self))"
                    )
                } else {
                    refused += 1
                    #expect(scan.code == badJSON)
                    #expect(other == nil || scan.stopsAfterComma, "\(String(decoding: damaged, as: UTF8.self))")
                }
            }
        }
        #expect(refused > 1_000)
    }

    @Test("they differ in the ways listed")
    func differAsListed() {
        for text in ["[1,]", "{\"a\":1,}", "[1 , ]", "\u{feff}{}", "1\u{0}", "0\u{0}\u{0}\u{0}"] {
            #expect(Scan(text, .anyValue).code == badJSON && self.foundation(Array(text.utf8)) != nil, "\(text)")
        }
        let deep = String(repeating: "[", count: 513) + String(repeating: "]", count: 513)
        for text in ["1e400", "[-1e309]", deep] {
            #expect(
                Scan(text, .anyValue, maxDepth: 600).code > 0 && self.foundation(Array(text.utf8)) == nil,
                "\(text)"
            )
        }
    }
}

extension Scan {
    /// Whether the value at the index is the same as Foundation's.
    fileprivate func means(_ other: Any, at index: Int = 0) -> Bool {
        let token = self.tape[index]
        switch Int(token.kind) {
        case GJ_OBJECT:
            guard let members = other as? [String: Any], members.count == Int(token.count) else { return false }
            var key = index + 1
            while key < Int(token.next) {
                let name = self.unescaped(key)
                guard self.equals(key, name) else { return false }
                guard let member = members[String(decoding: name, as: UTF8.self)] else { return false }
                guard self.means(member, at: key + 1) else { return false }
                key = Int(self.tape[key].next)
            }
            return true
        case GJ_ARRAY:
            guard let elements = other as? [Any], elements.count == Int(token.count) else { return false }
            var element = index + 1
            for value in elements {
                guard self.means(value, at: element) else { return false }
                element = Int(self.tape[element].next)
            }
            return element == Int(token.next)
        case GJ_STRING:
            return (other as? String).map { Array($0.utf8) == self.unescaped(index) } ?? false
        case GJ_NUMBER:
            guard let number = other as? NSNumber else { return false }
            if Int(token.flags) & GJ_INTEGER != 0, let integer = self.integer(index) {
                return number.int64Value == integer
            }
            // Long numbers pass through Foundation's Decimal, whose doubleValue may be off in its last bits.
            guard let double = Double(String(decoding: self.bytes(of: index), as: UTF8.self)) else { return false }
            return abs(number.doubleValue - double) <= 1e-14 * abs(double)
        case GJ_TRUE: return other as? Bool == true
        case GJ_FALSE: return other as? Bool == false
        default: return other is NSNull
        }
    }

    fileprivate var hasUnrepresentableNumber: Bool {
        self.tape.indices.contains { index in
            guard Int(self.tape[index].kind) == GJ_NUMBER else { return false }
            return Double(String(decoding: self.bytes(of: index), as: UTF8.self))?.isInfinite ?? true
        }
    }

    /// Whether the scan stopped at a closing bracket or brace that follows a comma.
    fileprivate var stopsAfterComma: Bool {
        guard self.errorOffset < self.text.count, "]}".utf8.contains(self.text[self.errorOffset]) else { return false }
        return self.text[..<self.errorOffset].last { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: ",")
    }
}

internal import Crypto

/// What whoever steers a relay over HTTP has to know.
package struct AccessToken: Sendable {
    package let text: String
    private let digest: SHA256.Digest

    package init(_ text: String) {
        self.text = text
        self.digest = SHA256.hash(data: Array(text.utf8))
    }

    /// 128 random bits, as 32 digits.
    package static func make() -> AccessToken {
        var chance = SystemRandomNumberGenerator()
        let digits = (0..<2).map { _ in
            let text = String(chance.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return AccessToken(digits.joined())
    }

    /// Six digits that tell it from another, and do not tell it.
    package var mark: String {
        self.digest.prefix(3).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Whether a request shows it; how long that takes tells nothing about it.
    /// - Parameter authorization: Of the request: `Bearer …`.
    func admits(_ authorization: String?) -> Bool {
        guard let authorization, authorization.prefix(7).lowercased() == "bearer " else { return false }
        return self.isShown(by: authorization.dropFirst(7))
    }

    /// Whether a text is the token; how long that takes tells nothing about it.
    func isShown(by text: some StringProtocol) -> Bool {
        // Digests are compared in constant time.
        SHA256.hash(data: Array(text.utf8)) == self.digest
    }
}
